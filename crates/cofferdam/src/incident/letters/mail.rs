//! What the post did: sent, returned, unreachable; and whether a letter is one of ours.

use super::codes;
use super::delivery::Delivery;
use crate::cli::{CheckCodeArguments, MailArguments, SentArguments};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::incident::place_of;
use std::path::Path;
use terms::FileId;

/// `cofferdam incident letters sent`.
pub(super) fn sent(home: &Home, arguments: &SentArguments, json: bool) -> Outcome {
    let mut delivery = Delivery::open(&place_of(home, &arguments.incident)?)?;
    let job = delivery.told.jobs.get(&arguments.job.to_string());
    let job = job.ok_or_else(|| Failure::NotThere("no letters of this job are made".into()))?;
    let batches: Vec<u32> = match arguments.all {
        true => job.made.keys().copied().filter(|number| !job.sent.contains(number)).collect(),
        false => arguments.batch.clone(),
    };
    if let Some(missing) = batches.iter().find(|number| !job.made.contains_key(number)) {
        return Err(Failure::NotThere(format!("batch {missing} is not made")));
    }
    let count = batches.len();
    if count > 0 {
        delivery.sent(arguments.job, &batches)?;
    }
    done(json, "sent", count)
}

/// `cofferdam incident letters returned`.
pub(super) fn returned(home: &Home, arguments: &MailArguments, json: bool) -> Outcome {
    mark(home, arguments, json, "returned", &|delivery, file| delivery.returned(file))
}

/// `cofferdam incident letters unreachable`.
pub(super) fn unreachable(home: &Home, arguments: &MailArguments, json: bool) -> Outcome {
    mark(home, arguments, json, "unreachable", &|delivery, file| delivery.unreachable(file, "said"))
}

fn mark(
    home: &Home,
    arguments: &MailArguments,
    json: bool,
    what: &str,
    say: &dyn Fn(&mut Delivery, FileId) -> Outcome,
) -> Outcome {
    let folder = place_of(home, &arguments.incident)?;
    // All are looked up before anything is written down.
    let files = arguments.letters.iter().map(|letter| {
        let found = codes::find(&folder, &arguments.incident, letter)?;
        found.map(|known| known.file).ok_or_else(|| {
            Failure::NotThere(format!("`{letter}` is neither a code nor the file of a letter"))
        })
    });
    let files = files.collect::<Outcome<Vec<FileId>>>()?;
    let mut delivery = Delivery::open(&folder)?;
    files.iter().try_for_each(|file| say(&mut delivery, *file))?;
    done(json, what, files.len())?;
    if let Some(since) = &delivery.told.substitute
        && !json
    {
        let count = delivery.told.unreachable.len();
        console::say(&format!(
            "{count} people are unreachable: a substitute notice is due since {since} (45 CFR \
             164.404(d)(2)(ii))"
        ));
    }
    Ok(())
}

fn done(json: bool, what: &str, count: usize) -> Outcome {
    if json {
        console::json(&serde_json::json!({"done": what, "count": count}));
    } else {
        console::say(&format!("{what}: {count}"));
    }
    Ok(())
}

/// `cofferdam incident letters check`: for a hotline. It tells no name.
pub(super) fn check(home: &Home, arguments: &CheckCodeArguments, json: bool) -> Outcome {
    let incidents = match &arguments.incident {
        Some(incident) => vec![incident.clone()],
        None => incidents(home)?,
    };
    for incident in incidents {
        let folder = place_of(home, &incident)?;
        let Some(known) = codes::find(&folder, &incident, &arguments.code)? else { continue };
        let delivery = Delivery::open(&folder)?;
        let job = delivery.told.jobs.get(&known.job.to_string());
        let sent = job.is_some_and(|job| job.sent.contains(&known.batch));
        let returned = delivery.told.returned.contains(&known.file.to_string());
        let (batch, number) = (known.batch, known.number);
        if json {
            console::json(&serde_json::json!({
                "ours": true, "incident": incident, "job": known.job.to_string(), "batch": batch,
                "number": number, "sent": sent, "returned": returned,
            }));
        } else {
            let post = if sent { "sent" } else { "not marked as sent" };
            console::say(&format!(
                "this letter is ours: incident {incident}, batch {batch}, number {number}, {post}"
            ));
        }
        return Ok(());
    }
    Err(Failure::NotThere("no letter of ours has this code".into()))
}

fn incidents(home: &Home) -> Outcome<Vec<String>> {
    let all = home.incidents();
    let read = |path: &Path| std::fs::read_dir(path);
    let Ok(entries) = read(&all) else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Failure::world(all.display()))?;
        names.extend(entry.file_name().into_string().ok().filter(|_| entry.path().is_dir()));
    }
    names.sort_unstable();
    Ok(names)
}
