//! The findings as lines for people.

use crate::attack::Measure;
use crate::findings::{FamilyRow, Findings, HonestRow, Row};
use crate::statistics::{Rate, Spread, figure};
use crate::variant::Variant;
use world::Climate;

/// The whole report, line by line.
pub fn lines(findings: &Findings) -> Vec<String> {
    let [people, staff, places, days] = findings.region;
    let mut lines = vec![format!(
        "{people} people, {staff} cards of staff, {places} places, {days} days a run; attacks: {}",
        findings.attacks
    )];
    if findings.incomplete {
        lines.push("Stopped early: what follows is of the runs that were over.".into());
    }
    if let Some(server) = &findings.server {
        lines.push(String::new());
        lines.push(format!(
            "Taken-over server, {} live sessions, {} requests tried: {} files beyond what clients \
             themselves had open ({})",
            server.sessions,
            server.tried,
            server.beyond,
            if server.beyond == 0 { "reached: 0" } else { "MISSED: 0" }
        ));
    }
    for best in &findings.adaptive {
        lines.push(String::new());
        lines.push(format!(
            "Adaptive attacker, 30 days a card, {}: best plan median {}, 95th percentile {}, most \
             {} files (n = {}, of {} tried)",
            best.victims,
            figure(best.spread.median),
            figure(best.spread.p95),
            figure(best.most),
            best.spread.n,
            best.tried
        ));
        lines.push(format!("  {}", best.plan));
    }
    for row in &findings.rows {
        lines.push(String::new());
        lines.extend(if row.variant == Variant::Ours.name() { whole(row) } else { short(row) });
    }
    lines
}

/// Every figure of one variant.
fn whole(row: &Row) -> Vec<String> {
    let mut lines = vec![heading(row)];
    lines.push(format!(
        "  {:<44} {:>5}  {:>16} {:>17} {:>6}  {:>9}  {:>6} {:>7}  stopped by",
        "attacks", "n", "median", "95 %", "max", "goal", "found", "days"
    ));
    lines.extend(row.families.iter().map(family));
    lines.push("  of these files, those that nothing recent explained (median/95 %):".into());
    let files = row.families.iter().filter(|family| family.measure == Measure::Files);
    let beyond = files.map(|family| {
        let Spread { median, p95, .. } = family.beyond;
        format!("{} {}/{}", family.family.word(), figure(median), figure(p95))
    });
    lines.extend(wrapped(beyond));
    lines.push(format!(
        "  {:<44} {:>12} {:>21}  {:>10}",
        "honest side", "", "95 % interval", "goal"
    ));
    lines.extend(row.honest.iter().map(honest));
    lines.extend(details(row));
    lines
}

/// The figures of one variant in few lines: median / 95th percentile, each with its interval.
fn short(row: &Row) -> Vec<String> {
    let mut lines = vec![heading(row)];
    let families = row.families.iter().map(|family| {
        let Spread { median, median_interval, p95, p95_interval, .. } = family.spread;
        let value = if family.measure == Measure::Held {
            rate(&family.held, 100.0)
        } else {
            format!("{} / {}", between(median, median_interval), between(p95, p95_interval))
        };
        format!("{} {value}{}", family.family.word(), mark(family.reached))
    });
    lines.extend(wrapped(families));
    let honest = row.honest.iter().map(|honest| {
        format!("{} {}{}", honest.what, rate(&honest.rate, honest.per), mark(honest.reached()))
    });
    lines.extend(wrapped(honest));
    lines.extend(row.broken.first().map(|broken| format!("  HARD BOUND BROKEN: {broken}")));
    lines
}

fn heading(row: &Row) -> String {
    let climate = match row.climate {
        Climate::Calm => "calm",
        Climate::Base => "base",
        Climate::Hard => "hard",
    };
    let further = match row.further {
        0 => String::new(),
        worlds => format!(", attacks also from {worlds} further worlds with one family each"),
    };
    format!("{}; climate {climate}; {} seeds{further}", row.variant, row.seeds)
}

/// A rate with its interval.
fn rate(rate: &Rate, per: f64) -> String {
    let [from, to] = rate.interval.map(|end| figure(end * per));
    format!("{} [{from}, {to}]", rate.text(per))
}

fn mark(reached: Option<bool>) -> &'static str {
    match reached {
        Some(false) => " (missed)",
        _ => "",
    }
}

fn wrapped(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::from(" ");
    for item in items {
        if line.len() + item.len() > 118 {
            lines.push(std::mem::replace(&mut line, " ".into()));
        }
        line.push(' ');
        line.push_str(&item);
        line.push(';');
    }
    lines.push(line);
    lines
}

fn between(value: f64, interval: [f64; 2]) -> String {
    format!("{} [{}, {}]", figure(value), figure(interval[0]), figure(interval[1]))
}

fn family(row: &FamilyRow) -> String {
    let Spread { n, median, median_interval, p95, p95_interval, max, .. } = row.spread;
    let held = row.measure == Measure::Held;
    let (middle, high, most) = if held {
        let percent = row.held.interval.map(|share| share * 100.0);
        let current = format!("{} %", row.explained.text(100.0));
        (format!("{} % held", row.held.text(100.0)), between(0.0, percent)[2..].into(), current)
    } else {
        (between(median, median_interval), between(p95, p95_interval), figure(max))
    };
    let goal = row.goal.map_or("-".into(), |goal| match (held, goal.p95) {
        (true, _) => format!(">= {} %", figure(goal.median * 100.0)),
        (false, Some(p95)) => format!("{}/{}", figure(goal.median), figure(p95)),
        (false, None) => figure(goal.median),
    });
    let days = row.days.as_ref().map_or("-".into(), |days| figure(days.median));
    let mut by: Vec<_> = row.stopped_by.iter().collect();
    by.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let by: Vec<_> = by.iter().take(4).map(|(what, count)| format!("{what} {count}")).collect();
    let verdict = match row.reached {
        Some(true) => "reached",
        Some(false) => "MISSED",
        None => "",
    };
    let (what, found, by) = (row.family.text(), row.found.text(100.0), by.join(", "));
    let figures = format!("{n:>5}  {middle:>16} {high:>17} {most:>6}  {goal:>9}");
    format!("  {what:<44} {figures}  {found:>4} % {days:>7}  {by} {verdict}")
}

fn honest(row: &HonestRow) -> String {
    let interval = row.rate.interval.map(|rate| figure(rate * row.per));
    let goal = row.goal.map_or("-".into(), |(goal, most)| {
        format!("{} {}", if most { "<=" } else { ">=" }, figure(goal))
    });
    let verdict = match row.reached() {
        Some(true) => "reached",
        Some(false) => "MISSED",
        None => "",
    };
    let per = if row.per > 500.0 { ", per 1,000 staff-days" } else { "" };
    let what = format!("{}{per}", row.what);
    let interval = format!("[{}, {}]", interval[0], interval[1]);
    format!("  {what:<44} {:>12} {interval:>21}  {goal:>10}  {verdict}", row.rate.text(row.per))
}

fn details(row: &Row) -> Vec<String> {
    let mut lines = Vec::new();
    if !row.causes.is_empty() {
        let causes = row.causes.iter().map(|(cause, count)| format!("{cause} {count}"));
        lines.push("  honest people were stopped for:".into());
        lines.extend(wrapped(causes));
    }
    if !row.findings.is_empty() {
        let each = row.findings.iter();
        let each = each.map(|(what, (all, right))| format!("{what} {all}, {right} right"));
        lines.push("  alerts for a human:".into());
        lines.extend(wrapped(each));
    }
    lines.extend(row.broken.iter().map(|broken| format!("  HARD BOUND BROKEN: {broken}")));
    lines
}
