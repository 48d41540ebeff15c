//! Ledger, key table, keyring and snapshot, set back, cut and edited: refused, and told why.

use crate::client::*;
use keyholder::{Keyholder, change_passphrase};
use keyproto::Answer;
use keyproto::statement::Order;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use terms::FileId;

/// An installation with some files, what was in its folder earlier, and what is in it now.
struct Damaged {
    world: World,
    earlier: PathBuf,
    now: PathBuf,
    erased: FileId,
}

impl Damaged {
    fn new() -> Damaged {
        let world = World::with(1, |settings| {
            settings.second_place = settings.folder.parent().map(|f| f.join("second"));
        });
        let (earlier, now) = (world.folder.path().join("earlier"), world.folder.path().join("now"));
        let running = world.serve();
        let erased = world.doctor(0).create(None);
        running.stop().unwrap();
        copy(&world.settings.folder, &earlier);
        let running = world.serve();
        let mut doctor = world.doctor(0);
        for _ in 0..20 {
            doctor.create(Some(facts(&["Berg"], "010101-0101")));
        }
        let officers: Vec<_> = world.officers.iter().collect();
        assert!(matches!(
            doctor.order(&officers, &Order::Erase { file: erased }),
            Answer::Recorded(_)
        ));
        running.stop().unwrap();
        copy(&world.settings.folder, &now);
        Damaged { world, earlier, now, erased }
    }

    /// Does this to the folder as it is now, then opens it.
    fn after(&self, damage: impl FnOnce(&Path)) -> String {
        self.mend(damage);
        self.world.refusal()
    }

    fn mend(&self, damage: impl FnOnce(&Path)) {
        let folder = &self.world.settings.folder;
        std::fs::remove_dir_all(folder).unwrap();
        copy(&self.now, folder);
        damage(folder);
    }

    fn set_back(&self, what: &str) {
        let folder = &self.world.settings.folder;
        let (from, to) = (self.earlier.join(what), folder.join(what));
        if from.is_dir() {
            std::fs::remove_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

type Damage<'a> = &'a dyn Fn(&Path);

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
        }
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = std::fs::read(path).unwrap();
    change(&mut bytes);
    std::fs::write(path, bytes).unwrap();
}

fn sql(folder: &Path, sql: &str) {
    let table = rusqlite::Connection::open(folder.join("keys.db")).unwrap();
    assert!(table.execute(sql, []).unwrap() > 0, "{sql}");
}

#[track_caller]
fn says(refusal: &str, words: &[&str]) {
    for word in words {
        assert!(refusal.contains(word), "{refusal:?} does not say {word:?}");
    }
}

#[test]
fn a_ledger_that_was_set_back_cut_or_edited_is_refused() {
    let damaged = Damaged::new();
    let entries = |folder: &Path| folder.join("ledger/entries");
    says(&damaged.after(|_| damaged.set_back("ledger")), &["ledger", "missing", "restore"]);
    says(
        &damaged.after(|folder| {
            damaged.set_back("ledger");
            std::fs::remove_file(folder.join("ledger/checkpoint")).unwrap();
        }),
        &["checkpoint is missing", "restore"],
    );
    // The key table's mark knows better even where nothing else does.
    let second = damaged.world.folder.path().join("second");
    let kept = std::fs::read(&second).unwrap();
    std::fs::remove_file(&second).unwrap();
    says(&damaged.after(|_| damaged.set_back("ledger")), &["ledger", "missing", "restore"]);
    std::fs::write(&second, kept).unwrap();
    for keep in [0, 10, 500] {
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() * keep / 1000);
        says(&damaged.after(|folder| edit(&entries(folder), cut)), &["ledger", "restore"]);
    }
    let length = std::fs::metadata(entries(&damaged.now)).unwrap().len() as usize;
    for at in [0, 30, length / 2, length - 1] {
        let flip = |bytes: &mut Vec<u8>| bytes[at] ^= 1;
        says(&damaged.after(|folder| edit(&entries(folder), flip)), &["ledger", "restore"]);
    }
    let forge = |bytes: &mut Vec<u8>| bytes[20] ^= 1;
    let forged = |folder: &Path| edit(&folder.join("ledger/checkpoint"), forge);
    says(&damaged.after(forged), &["checkpoint"]);
    damaged.mend(|_| ());
    damaged.world.serve().stop().unwrap();
}

#[test]
fn a_key_table_that_was_set_back_cut_or_edited_is_refused() {
    let damaged = Damaged::new();
    says(&damaged.after(|_| damaged.set_back("keys.db")), &["key table was set back", "restore"]);
    let missing = |folder: &Path| std::fs::remove_file(folder.join("keys.db")).unwrap();
    says(&damaged.after(missing), &["key table", "missing", "restore"]);
    let one = "rowid IN (SELECT min(rowid) FROM file)";
    let one = one.replace("rowid", "blind");
    let cut = format!("DELETE FROM file WHERE {one}");
    says(&damaged.after(|folder| sql(folder, &cut)), &["lacks files", "restore"]);
    for column in ["key", "name"] {
        // Another row's, whichever of them has the greatest.
        let others = format!("SELECT max({column}) FROM file WHERE NOT ({one})");
        let swap = format!("UPDATE file SET {column} = ({others}) WHERE {one}");
        says(&damaged.after(|folder| sql(folder, &swap)), &["altered"]);
    }
    let other = "UPDATE file SET blind = randomblob(16) WHERE epoch = 1";
    says(&damaged.after(|folder| sql(folder, other)), &["does not know"]);
    says(&damaged.after(|folder| sql(folder, "DELETE FROM mark")), &["mark is damaged"]);
    says(
        &damaged.after(|folder| sql(folder, "UPDATE mark SET sealed = zeroblob(101)")),
        &["mark is damaged"],
    );
    let garbage = |folder: &Path| edit(&folder.join("keys.db"), |bytes| bytes.fill(7));
    says(&damaged.after(garbage), &["key table", "restore"]);
}

#[test]
fn a_row_of_an_erased_file_that_is_put_back_is_refused() {
    let damaged = Damaged::new();
    let put_back = |folder: &Path| {
        let table = rusqlite::Connection::open(folder.join("keys.db")).unwrap();
        let earlier = damaged.earlier.join("keys.db").display().to_string();
        table.execute("ATTACH ? AS earlier", [earlier]).unwrap();
        let rows = "INSERT OR IGNORE INTO file SELECT * FROM earlier.file";
        assert_eq!(table.execute(rows, []).unwrap(), 1);
    };
    says(&damaged.after(put_back), &["knows as erased", "restore"]);
    let _ = damaged.erased;
}

#[test]
fn both_set_back_together_are_refused_by_the_second_place() {
    let damaged = Damaged::new();
    let both = |_: &Path| ["ledger", "keys.db", "state"].iter().for_each(|w| damaged.set_back(w));
    says(&damaged.after(both), &["ledger", "missing", "restore"]);
    // Without a second place nothing on this machine knows better: that is what witnesses are for.
    std::fs::remove_file(damaged.world.folder.path().join("second")).unwrap();
    damaged.world.serve().stop().unwrap();
}

#[test]
fn a_snapshot_that_does_not_fit_is_ignored_loudly() {
    let damaged = Damaged::new();
    let state = |folder: &Path| folder.join("state");
    let middle = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    let damages: [(&str, Damage); 4] = [
        ("tampered", &|folder| edit(&state(folder), middle)),
        ("damaged", &|folder| edit(&state(folder), |bytes| bytes.truncate(100))),
        ("another ledger", &|folder| edit(&state(folder), |bytes| bytes[15] ^= 1)),
        ("damaged", &|folder| edit(&state(folder), |bytes| bytes.fill(0))),
    ];
    for (why, damage) in damages {
        damaged.mend(damage);
        let said = damaged.world.spawn().terminate();
        says(&said, &["snapshot-ignored", why, "\"event\":\"opened\""]);
    }
    // An earlier one fits: it was of this ledger, and only more is replayed.
    damaged.mend(|_| damaged.set_back("state"));
    let said = damaged.world.spawn().terminate();
    assert!(!said.contains("snapshot-ignored"), "{said}");
    // The snapshot of a history that was set back and went another way.
    ["ledger", "keys.db", "state"].iter().for_each(|what| damaged.set_back(what));
    std::fs::remove_file(damaged.world.folder.path().join("second")).unwrap();
    let running = damaged.world.serve();
    let mut doctor = damaged.world.doctor(0);
    for _ in 0..40 {
        doctor.create(None);
    }
    running.stop().unwrap();
    let state = damaged.world.settings.folder.join("state");
    std::fs::copy(damaged.now.join("state"), state).unwrap();
    let said = damaged.world.spawn().terminate();
    says(&said, &["snapshot-ignored", "another ledger", "\"event\":\"opened\""]);
}

#[test]
fn keys_that_were_set_back_or_do_not_open_are_refused() {
    let damaged = Damaged::new();
    let world = &damaged.world;
    damaged.mend(|_| ());
    let keyholder = world.open();
    let twice = Keyholder::open(world.settings.clone(), &passphrase()).err().unwrap();
    says(&twice.to_string(), &["another process has this ledger open"]);
    drop(keyholder.rotate().unwrap());
    damaged.set_back("keyring");
    says(&world.refusal(), &["keyring is older", "restore"]);
    let keyring = |folder: &Path| edit(&folder.join("keyring"), |bytes| bytes[0] ^= 1);
    says(&damaged.after(keyring), &["not a keyring", "restore"]);
    says(&damaged.after(|f| edit(&f.join("root.key"), |b| b[0] ^= 1)), &["root key"]);
    let weak = |bytes: &mut Vec<u8>| {
        let text = String::from_utf8(bytes.clone()).unwrap().replace(" 64 1 ", " 32 1 ");
        *bytes = text.into_bytes();
    };
    says(&damaged.after(|folder| edit(&folder.join("root.key"), weak)), &["Argon2id cost"]);
    let wide = |folder: &Path| {
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    };
    says(&damaged.after(wide), &["chmod 700"]);
    damaged.mend(|_| ());
    let wrong = keyholder::Passphrase::new(zeroize::Zeroizing::new("wrong".into())).unwrap();
    let refused = Keyholder::open(world.settings.clone(), &wrong).err().unwrap();
    says(&refused.to_string(), &["passphrase does not open"]);
    let again = Keyholder::create(world.settings.clone(), &passphrase(), world.genesis());
    says(&again.err().unwrap().to_string(), &["already"]);
}

#[test]
fn a_new_passphrase_ends_the_old_one_and_copies_made_before_it() {
    let damaged = Damaged::new();
    let world = &damaged.world;
    damaged.mend(|_| ());
    let of = |text: &str| keyholder::Passphrase::new(text.to_owned().into()).unwrap();
    let (old, new) = (passphrase(), of("another horse"));
    let wrong = change_passphrase(&world.settings, &of("wrong"), &new).unwrap_err();
    says(&wrong.to_string(), &["passphrase does not open"]);
    change_passphrase(&world.settings, &old, &new).unwrap();
    let refused = Keyholder::open(world.settings.clone(), &old).err().unwrap();
    says(&refused.to_string(), &["passphrase does not open"]);
    drop(Keyholder::open(world.settings.clone(), &new).unwrap());
    // A thief of an old copy who has the old passphrase gets no further than that copy.
    damaged.set_back("root.key");
    let refused = Keyholder::open(world.settings.clone(), &old).err().unwrap();
    assert!(matches!(refused, keyholder::KeyholderError::Tampered(_)), "{refused}");
}

/// Power fails after each step: the files are those of before and of after, in every mix that the
/// order of the steps allows.
#[test]
fn a_change_of_the_passphrase_may_be_interrupted_anywhere() {
    let damaged = Damaged::new();
    let world = &damaged.world;
    damaged.mend(|_| ());
    let new = keyholder::Passphrase::new("another horse".to_owned().into()).unwrap();
    let folder = &world.settings.folder;
    let (root, ring) = (folder.join("root.key"), folder.join("keyring"));
    let before = [std::fs::read(&root).unwrap(), std::fs::read(&ring).unwrap()];
    // The root's place is taken by a folder: the change stops after its first step.
    std::fs::create_dir(folder.join("root.new")).unwrap();
    change_passphrase(&world.settings, &passphrase(), &new).unwrap_err();
    std::fs::remove_dir(folder.join("root.new")).unwrap();
    let between = std::fs::read(&ring).unwrap();
    assert!(between.len() > before[1].len(), "both roots' keys are in it");
    assert_eq!(std::fs::read(&root).unwrap(), before[0]);
    drop(world.open());
    assert_eq!(std::fs::read(&ring).unwrap().len(), before[1].len(), "it was tidied up");

    change_passphrase(&world.settings, &passphrase(), &new).unwrap();
    drop(Keyholder::open(world.settings.clone(), &new).unwrap());
    let after = std::fs::read(&ring).unwrap();
    // Stopped before the last step: the new root is there, and the keyring still has both.
    let text = String::from_utf8(after.clone()).unwrap();
    let old = String::from_utf8(before[1].clone()).unwrap();
    let mut lines: Vec<String> = old.lines().map(str::to_owned).collect();
    lines.extend(text.lines().skip(2).map(|line| format!("next-{line}")));
    std::fs::write(&ring, lines.join("\n") + "\n").unwrap();
    drop(Keyholder::open(world.settings.clone(), &new).unwrap());
    assert_eq!(std::fs::read(&ring).unwrap(), after);
}
