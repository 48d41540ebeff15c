//! What the post did, and whether a letter is one of ours.

use crate::cli::{CheckCodeArguments, MailArguments, SentArguments};
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::incident::folder;
use ::incident::Folder;
use post::{Checked, Post};

/// `cofferdam incident letters sent`.
pub(super) fn sent(home: &Home, arguments: &SentArguments, json: bool) -> Outcome {
    let batches = (!arguments.all).then_some(&*arguments.batch);
    let count = post::sent(&folder(home, &arguments.incident)?, arguments.job, batches, now)?;
    done(json, "sent", count);
    Ok(())
}

/// `cofferdam incident letters returned`, and `unreachable`.
pub(super) fn mark(home: &Home, arguments: &MailArguments, what: Post, json: bool) -> Outcome {
    let folder = folder(home, &arguments.incident)?;
    let told = post::mark(&folder, &arguments.letters, what, now)?;
    let word = match what {
        Post::Returned => "returned",
        Post::Unreachable => "unreachable",
    };
    done(json, word, arguments.letters.len());
    if let Some(since) = &told.substitute
        && !json
    {
        let count = told.unreachable.len();
        console::say(&format!(
            "{count} people are unreachable: a substitute notice is due since {since} (45 CFR \
             164.404(d)(2)(ii))"
        ));
    }
    Ok(())
}

fn done(json: bool, what: &str, count: usize) {
    if json {
        console::json(&serde_json::json!({"done": what, "count": count}));
    } else {
        console::say(&format!("{what}: {count}"));
    }
}

/// `cofferdam incident letters check`: for a hotline. It tells no name.
pub(super) fn check(home: &Home, arguments: &CheckCodeArguments, json: bool) -> Outcome {
    let folders = match &arguments.incident {
        Some(incident) => vec![folder(home, incident)?],
        None => Folder::list(&home.incidents())?,
    };
    for folder in folders {
        if let Some(letter) = post::check(&folder, &arguments.code)? {
            ours(&folder.incident().id, &letter, json);
            return Ok(());
        }
    }
    Err(Failure::NotThere("no letter of ours has this code".into()))
}

fn ours(incident: &str, letter: &Checked, json: bool) {
    let Checked { known, sent, returned } = letter;
    let (batch, number) = (known.batch, known.number);
    if json {
        return console::json(&serde_json::json!({
            "ours": true, "incident": incident, "job": known.job.to_string(), "batch": batch,
            "number": number, "sent": sent, "returned": returned,
        }));
    }
    let post = if *sent { "sent" } else { "not marked as sent" };
    console::say(&format!(
        "this letter is ours: incident {incident}, batch {batch}, number {number}, {post}"
    ));
}
