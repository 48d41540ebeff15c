use super::*;
use crate::root::RootCost;
use ledger::DirFiles;
use terms::Blind;

fn settings(folder: &std::path::Path) -> Settings {
    let mut settings = Settings::new(folder.join("keyholder"));
    settings.root_cost = RootCost { memory_kib: 64, passes: 1 };
    settings
}

fn passphrase() -> Passphrase {
    Passphrase::new("x".to_owned().into()).unwrap()
}

fn made(settings: &Settings) -> Shared<DirFiles> {
    let genesis = Genesis { tenant: "t".into(), practices: Vec::new(), cards: Vec::new() };
    let files = DirFiles::new(settings.path(Settings::LEDGER));
    create(settings.clone(), files, &passphrase(), genesis).unwrap()
}

fn opened(settings: &Settings) -> Shared<DirFiles> {
    open(settings.clone(), DirFiles::new(settings.path(Settings::LEDGER)), &passphrase()).unwrap()
}

/// Some key of the directory's file.
fn segment_key(shared: &Shared<DirFiles>, directory: Blind) -> [u8; 32] {
    let (_, key) = shared.table.get(&shared.ring, directory).unwrap().unwrap();
    *key.segment_key(terms::Section::Label, 0, 0).unwrap().as_bytes()
}

fn directory(shared: &Shared<DirFiles>) -> Blind {
    let mut found = None;
    let read = shared.log().read(0..1, |number, sealed| -> Result<()> {
        if let Act::Began(began) = open_entry(&shared.ring, number, sealed)?.act {
            found = Some(began.directory);
        }
        Ok(())
    });
    read.unwrap();
    found.unwrap()
}

#[test]
fn a_rotation_that_was_interrupted_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let mut shared = made(&settings);
    let directory = directory(&shared);
    let key = segment_key(&shared, directory);
    shared.ring.begin_epoch().unwrap();
    drop(shared);
    let shared = opened(&settings);
    assert!(shared.ring.old_epochs().is_empty() && shared.ring.epoch(1).is_none());
    assert_eq!(shared.mind().ok().unwrap().core.state().epoch(), 2);
    assert_eq!(segment_key(&shared, directory), key, "the file's own key stays");
}

#[test]
fn a_file_whose_entry_never_came_is_removed_and_one_before_the_mark_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let shared = made(&settings);
    let orphan = |number: u8, born| {
        let file = FileId::from_bytes([number; 16]);
        let (blind, key) = (shared.ring.blind(file), FileKey::generate().unwrap());
        shared.table.add(&shared.ring, born, &[NewFile { blind, file, key }], &[]).unwrap();
        blind
    };
    let unfinished = orphan(1, shared.log().head().size);
    let core = replay(&settings, &shared.ring, &shared.log()).unwrap();
    let settled = || settle(&shared.ring, &shared.table, &shared.log(), core.state());
    assert_eq!(settled().unwrap(), 1);
    assert!(shared.table.get(&shared.ring, unfinished).unwrap().is_none());
    orphan(2, 0);
    assert!(matches!(settled(), Err(KeyholderError::Tampered(_))));
}

#[test]
fn a_tenant_is_a_plain_word() {
    for tenant in ["", "a b", "a+b", "a\nb", &"x".repeat(65)] {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let files = DirFiles::new(settings.path(Settings::LEDGER));
        let genesis = Genesis { tenant: tenant.into(), practices: Vec::new(), cards: Vec::new() };
        assert!(matches!(
            create(settings, files, &passphrase(), genesis),
            Err(KeyholderError::Asked(_))
        ));
    }
}
