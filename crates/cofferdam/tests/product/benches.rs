//! Measurements that many clients make at once: honest load, which the watch must leave alone.

use crate::rig::PROGRAM;
use std::process::Command;

#[test]
fn load_is_measured_by_clients_that_the_watch_leaves_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (what, figure) in [("posts", "durable POST"), ("openings", "durable checked openings")] {
        let mut bench = Command::new(PROGRAM);
        bench.args(["bench", what]).env("TMPDIR", folder.path());
        let done = bench.output().unwrap();
        let [said, wrong] = [&done.stdout, &done.stderr].map(|text| String::from_utf8_lossy(text));
        assert!(done.status.success() && said.contains(figure), "{said}{wrong}");
        assert!(wrong.lines().all(|line| !line.starts_with('{')), "logs in between: {wrong}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "what was measured is gone");
}
