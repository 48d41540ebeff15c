//! A real browser, driven through its own debugging pipe: one JSON object after the other.

use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAMS: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: Value,
    last: u64,
    /// What the page complained about: errors, and what its policy stopped.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts one with its files in this folder; none if the machine has none.
    pub(crate) fn start(folder: &Path) -> Option<Browser> {
        let chosen = std::env::var("COFFERDAM_BROWSER").ok();
        let mut known = chosen.iter().map(String::as_str).chain(PROGRAMS);
        let Some(program) = known.find(|path| Path::new(path).is_file()) else {
            eprintln!(
                "SKIPPED: no Chromium here: `apt-get install chromium`, or set COFFERDAM_BROWSER"
            );
            return None;
        };
        let [to, from] = ["to", "from"].map(|name| folder.join(name));
        for pipe in [&to, &from] {
            nix::unistd::mkfifo(pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        }
        // Its own sandbox needs rights that tests do not have; it sees pages of ours alone.
        let child = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<to 4>from"#, program])
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--remote-debugging-pipe", "--ignore-certificate-errors"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-dev-shm-usage", "--lang=en"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost")
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.join("browser.log")).unwrap())
            .spawn()
            .unwrap();
        let to = OpenOptions::new().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let (session, complaints) = (Value::Null, Vec::new());
        let mut browser = Browser { child, to, from, session, last: 0, complaints };
        let page = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        browser.session = browser.call("Target.attachToTarget", &attach)["sessionId"].clone();
        browser.call("Log.enable", &json!({}));
        browser.call("Page.enable", &json!({}));
        Some(browser)
    }

    /// Goes to an address and waits until its scripts ran.
    pub(crate) fn go(&mut self, url: &str) {
        let gone = self.call("Page.navigate", &json!({"url": url}));
        assert!(gone.get("errorText").is_none(), "{gone}");
        self.wait_for("document.readyState === 'complete'");
    }

    /// The value of an expression, awaited where it is a promise.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        self.try_eval(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    fn try_eval(&mut self, expression: &str) -> Result<Value, Value> {
        let ask = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let mut answer = self.try_call("Runtime.evaluate", &ask)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(thrown.clone()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// The text of an element, as it is shown.
    pub(crate) fn text(&mut self, id: &str) -> String {
        let text = self.eval(&format!("document.getElementById('{id}').innerText"));
        text.as_str().unwrap().to_owned()
    }

    /// Types into a field.
    pub(crate) fn fill(&mut self, id: &str, text: &str) {
        self.eval(&format!("document.getElementById('{id}').value = {}", Value::from(text)));
    }

    pub(crate) fn click(&mut self, id: &str) {
        self.eval(&format!("document.getElementById('{id}').click()"));
    }

    /// Waits until an expression is true; while pages change there may be nothing to ask.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let until = Instant::now() + Duration::from_secs(60);
        while self.try_eval(expression) != Ok(Value::Bool(true)) {
            assert!(Instant::now() < until, "never: {expression}: {:?}", self.complaints);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// One call of the protocol; events that come before its answer are looked through.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_call(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.last += 1;
        let mut ask = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_null() {
            ask["sessionId"] = self.session.clone();
        }
        self.to.write_all(format!("{ask}\0").as_bytes()).unwrap();
        loop {
            let mut text = Vec::new();
            self.from.read_until(0, &mut text).unwrap();
            assert_eq!(text.pop(), Some(0), "the browser ended");
            let mut answer: Value = serde_json::from_slice(&text).unwrap();
            if answer["method"] == "Log.entryAdded" {
                self.complaints.push(answer["params"]["entry"]["text"].to_string());
            }
            if answer["id"] == self.last {
                return match answer.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(answer["result"].take()),
                };
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
