// The report page. All words stand in the page itself; this shows and hides them.
import {
  isReceiptFor, mailboxOf, newPhrase, openAnswer, fromBase64, readCertificate, readPhrase,
  sealMessage, toBase64, toHex, value,
} from "/report/crypto.js";

const $ = (id) => document.getElementById(id);
const FIELDS = [
  "component", "steps", "seen", "fetched", "amount", "where_now", "erased_how", "erased_when",
  "credit", "coordinator", "embargo",
];
let phrase = null;

function say(id) {
  for (const told of document.querySelectorAll(".told")) told.hidden = true;
  if (id) {
    $(id).hidden = false;
    $(id).focus();
  }
}

class Refused extends Error {}

async function post(address, body) {
  const headers = { "content-type": "application/json" };
  let answer;
  try {
    answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new Refused("failed-network");
  }
  if (answer.status === 429) throw new Refused("failed-often");
  if (answer.status === 503) throw new Refused("failed-room");
  if (!answer.ok) throw new Refused("failed-server");
  return answer;
}

async function certificate() {
  const answer = await fetch("/report/key").catch(() => null);
  if (!answer?.ok) throw new Refused("failed-room");
  return readCertificate(await answer.text());
}

function utc(input) {
  const time = new Date(input.value);
  return Number.isNaN(time.getTime()) ? "" : time.toISOString();
}

function requests() {
  const rows = [...document.querySelectorAll("#requests .row")];
  const read = rows.map((row) => {
    const [from, to, method] = row.querySelectorAll("input");
    return { from: utc(from), to: utc(to), method: method.value };
  });
  return read.filter((row) => row.from || row.to || row.method);
}

function report() {
  const told = { requests: requests(), language: document.documentElement.lang };
  for (const field of FIELDS) told[field] = $(field).value;
  told.files = $("files").value.split(/[\s,]+/).filter((id) => id);
  return told;
}

async function send(random, message) {
  const box = await mailboxOf(random);
  const key = await certificate();
  const whole = { version: 1, answer_key: toBase64(box.key), ...message };
  let sealed;
  try {
    sealed = await sealMessage(key.sealKey, box.mailbox, whole);
  } catch (error) {
    throw error.message === "long" ? new Refused("failed-long") : error;
  }
  const body = { mailbox: toHex(box.mailbox), sealed: toBase64(sealed) };
  const receipt = await (await post("/report/messages", body)).text();
  offer("save-receipt", receipt, "receipt.txt");
  offer("save-sealed", sealed, "sealed.bin");
  return { receipt, good: await isReceiptFor(receipt, key, sealed) };
}

function offer(id, content, name) {
  const link = $(id);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content], { type: "application/octet-stream" }));
  link.download = name;
}

function shown({ receipt, good }) {
  $("received").textContent = value(receipt, "received");
  $("receipt").textContent = receipt;
  $("receipt-bad").hidden = good;
}

async function guarded(button, work) {
  button.disabled = true;
  say(null);
  try {
    await work();
  } catch (error) {
    say(error instanceof Refused ? error.message : "failed-page");
  } finally {
    button.disabled = false;
  }
}

$("report").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded($("send"), async () => {
    // The same phrase again when sending failed: perhaps it had arrived.
    phrase ??= await newPhrase();
    shown(await send(await readPhrase(phrase), { report: report() }));
    $("phrase").textContent = phrase;
    phrase = null;
    $("report").reset();
    $("report").hidden = true;
    say("sent");
  });
});

async function typedPhrase() {
  const random = await readPhrase($("return-phrase").value);
  if (!random) throw new Refused("failed-phrase");
  return random;
}

$("return").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded($("read"), async () => {
    const box = await mailboxOf(await typedPhrase());
    const answer = await post("/report/answers", { mailbox: toHex(box.mailbox) });
    const { received, answers } = await answer.json();
    $("answers").replaceChildren();
    let expected = 1;
    let whole = true;
    for (const { number, sealed } of answers) {
      whole &&= number === expected++;
      const item = document.createElement("li");
      try {
        item.textContent = await openAnswer(box, number, fromBase64(sealed));
        $("answers").append(item);
      } catch {
        whole = false;
      }
    }
    $("count").textContent = received;
    $("answers-none").hidden = answers.length > 0;
    $("answers-altered").hidden = whole;
    $("more").hidden = false;
    say("answers-read");
  });
});

$("more").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded($("send-more"), async () => {
    const text = $("more-text").value.trim();
    if (!text) return;
    shown(await send(await typedPhrase(), { text }));
    $("phrase-block").hidden = true;
    $("more-text").value = "";
    say("sent");
  });
});

$("another").addEventListener("click", () => {
  const rows = document.querySelectorAll("#requests .row");
  if (rows.length >= 32) return;
  const row = rows[0].cloneNode(true);
  row.querySelectorAll("input").forEach((input) => (input.value = ""));
  row.querySelectorAll("label").forEach((label) => label.removeAttribute("for"));
  $("requests").append(row);
});

for (const shownOnly of document.querySelectorAll(".needs-script")) shownOnly.hidden = false;
