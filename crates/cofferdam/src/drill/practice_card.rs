//! A second-hand practice card: patients' numbers guessed, and patients' numbers known.

use super::alles_laegehus::encoded;
use super::bounds;
use super::scene::{Context, Scene};
use super::thief::{Came, Thief};
use crate::failure::Outcome;
use ::drill::incident::Drill;
use ::drill::played::{Check, Kind, Played};
use keyproto::statement::{Order, SubjectName};
use std::time::Duration;
use terms::Role;

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(120, 5_000);
    let scene = Scene::with_people(context, drill.name, people)?;
    let mut guesser = Thief::with(&scene, "doctor-elsewhere")?;
    let elsewhere = scene.card("doctor-elsewhere")?.identity().practice;
    let misses = count_up(&scene, &mut guesser)?;

    let second_hand = scene.issue(Role::Doctor, elsewhere, "Practice card, second hand")?;
    let mut knower = Thief::with_card(&scene, second_hand)?;
    let mut told = 0;
    knower.until_stopped(0..people, Duration::ZERO, |thief, number| {
        let national = scene.person(number).national().clone();
        let (system, value) = (encoded(&national.system), encoded(&national.value));
        let came = thief.look_up(&format!("identifier={system}%7C{value}"))?;
        told += u64::from(came != Came::Refused);
        Ok(came)
    })?;
    let found_most = bounds::found(knower.span());

    let third = scene.issue(Role::Doctor, elsewhere, "Practice card, third hand")?;
    let mut opener = Thief::with_card(&scene, third)?;
    let ids = scene.stolen_ids()?;
    opener.take(ids.iter().copied(), Duration::ZERO)?;

    // The practice closes: from this order on none of its cards is worth anything.
    let late = scene.issue(Role::Doctor, elsewhere, "Practice card, after closing")?;
    let mut late = Thief::with_card(&scene, late)?;
    let subject = SubjectName::Practice(elsewhere);
    scene.order(1, &Order::Freeze { subject, reason: "the practice closed".into() })?;
    late.until_stopped(&ids, Duration::ZERO, |thief, file| thief.emergency(*file, "unconscious"))?;

    let sections: Vec<&str> = late.held.by_section().into_keys().collect();
    let checks = vec![
        Check::at_most("numbers guessed until it is stopped", misses, bounds::MISSES),
        Check::at_most("known numbers confirmed, with nothing shown", told, found_most),
        Check::at_most("persons by known numbers", knower.held.persons(), 0),
        Check::at_most("persons by known ids", opener.held.persons(), 0),
        Check::at_most(
            "persons after the practice was frozen, of whom the summary alone is opened",
            late.held.persons(),
            bounds::summaries(),
        ),
        Check::holds(
            Kind::HardBound,
            "nothing but the summary is opened after that",
            if sections.is_empty() { "nothing".to_owned() } else { sections.join(", ") },
            sections.iter().all(|section| *section == "summary"),
        ),
        Check::holds(
            Kind::HardBound,
            "known numbers are stopped as well",
            format!("after {told}"),
            knower.is_stopped(),
        ),
    ];
    let attackers = vec![
        guesser.caught("a practice card, counting through patients' numbers")?,
        knower.caught("a practice card, with patients' numbers that it knows")?,
        opener.caught("a practice card, with ids of files from a stolen store")?,
        late.caught("a card of a practice that closed, with made-up emergencies")?,
    ];
    let mut played = Played::new(drill, scene.files, attackers, checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// Counts up from a number that is somebody's; returns how many were nobody's.
fn count_up(scene: &Scene, thief: &mut Thief<'_>) -> Outcome<u64> {
    let national = scene.person(0).national().clone();
    let digits: String = national.value.chars().filter(char::is_ascii_digit).collect();
    let start: u64 = digits.parse().unwrap_or_default();
    let (mut misses, mut refused) = (0, false);
    thief.until_stopped(1.., Duration::ZERO, |thief, step: u64| {
        let value = written_like(&national.value, start + step);
        let system = encoded(&national.system);
        let came = thief.look_up(&format!("identifier={system}%7C{}", encoded(&value)))?;
        misses += u64::from(came == Came::Nobody || came == Came::Refused && !refused);
        refused |= came == Came::Refused;
        Ok(came)
    })?;
    Ok(misses)
}

/// A number with the letters and dashes of this one.
fn written_like(example: &str, number: u64) -> String {
    let count = example.chars().filter(char::is_ascii_digit).count();
    let digits = format!("{number:0count$}");
    let mut digits = digits.chars().skip(digits.len() - count);
    let each =
        example.chars().map(|c| if c.is_ascii_digit() { digits.next().unwrap_or(c) } else { c });
    each.collect()
}
