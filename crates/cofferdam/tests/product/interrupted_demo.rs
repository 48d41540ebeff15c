//! `cofferdam demo`, interrupted while it makes its folder, and given a folder of somebody else's;
//! and `init`, which is no other.

use crate::rig::{PROGRAM, Product};
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn a_demo_that_was_interrupted_begins_again_by_itself() {
    let product = Product::nothing();
    let listen = product.addresses();
    let demo = |patients: &str| {
        let mut command = product.command(PROGRAM);
        command.args(["demo", "--once", "--patients", patients, "--listen", &listen[0]]);
        command.args(["--local-listen", &listen[1]]);
        command
    };
    let mut first = demo("2000").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while !product.home().join("demo.journal").exists() {
        assert!(Instant::now() < until && first.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(10));
    }
    let beside = crate::rig::Done::of(&mut demo("3"));
    assert_eq!(beside.code, 5, "{beside:?}");
    assert!(beside.stderr.contains("another demo is making"), "{beside:?}");
    assert!(first.try_wait().unwrap().is_none(), "it is not disturbed");
    first.kill().unwrap();
    first.wait().unwrap();

    let again = crate::rig::Done::of(&mut demo("3"));
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.stdout.contains("beginning again"), "{again:?}");
    assert!(again.stdout.contains("3 made-up patients"), "{again:?}");
    let third = crate::rig::Done::of(&mut demo("3"));
    assert_eq!(third.code, 0, "{third:?}");
    assert!(!third.stdout.contains("made-up patients"), "it is whole: {third:?}");
}

#[test]
fn a_demo_leaves_a_folder_alone_that_is_not_its_own() {
    let product = Product::nothing();
    std::fs::create_dir(product.home()).unwrap();
    std::fs::write(product.home().join("letter.txt"), "mine").unwrap();
    let done = product.run(&["demo", "--once"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("not made by a demo"), "{done:?}");
    let left = std::fs::read_dir(product.home()).unwrap();
    assert_eq!(left.count(), 1);
}

#[test]
fn a_folder_is_one_when_the_verifier_key_was_told() {
    let product = Product::nothing();
    std::fs::write(product.work().join("phrase"), "a long passphrase of a test\n").unwrap();
    let init = |file: &str, full: bool| {
        let mut command = product.command(PROGRAM);
        command.args(["init", "--passphrase-file", file]);
        if full {
            command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
        }
        crate::rig::Done::of(&mut command)
    };
    assert_eq!(init("mistyped", false).code, 5);
    assert!(!product.home().exists());
    let untold = init("phrase", true);
    assert_eq!(untold.code, 5, "{untold:?}");
    assert!(!product.home().join("cofferdam.toml").exists(), "{untold:?}");
    let told = init("phrase", false);
    assert!(told.code == 0 && told.stdout.contains("verifier key"), "{told:?}");
    product.ok(&["ledger", "verify"]);
    // What was named wrongly is no alarm.
    let verify = |named: &[&str]| product.run(&[&["ledger", "verify"], named].concat()).code;
    assert_eq!((verify(&["/nonexistent"]), verify(&["."])), (4, 4));
    assert_eq!(verify(&["--checkpoint", "/dev/null"]), 2);
    let twice = init("phrase", false);
    assert!(twice.code == 2 && twice.stderr.contains("a data folder already"), "{twice:?}");
}
