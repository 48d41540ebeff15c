// What the report page seals and opens with: WebCrypto alone, nothing from elsewhere.
// HPKE base mode, one message: RFC 9180, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

const subtle = crypto.subtle;
const bytes = (text) => new TextEncoder().encode(text);
const SALT = bytes("cofferdam intake 1");
const MESSAGE_INFO = bytes("cofferdam intake message 1");
const ANSWER_INFO = bytes("cofferdam intake answer 1");
const P256 = { name: "ECDH", namedCurve: "P-256" };
const ECDSA = { name: "ECDSA", namedCurve: "P-256" };
const PADDED_BYTES = 2048;
export const PLAIN_BYTES_MAX = 65536 - 65 - 16;

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const toHex = (data) => Array.from(data, (b) => b.toString(16).padStart(2, "0")).join("");

export function toBase64(data) {
  let text = "";
  for (const b of data) text += String.fromCharCode(b);
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export const sha256 = async (data) => new Uint8Array(await subtle.digest("SHA-256", data));

async function hmac(key, data) {
  // WebCrypto takes no empty key; HMAC pads it with zeros anyway.
  const raw = key.length ? key : new Uint8Array(32);
  const hash = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", raw, hash, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}

const extract = (suite, salt, label, ikm) =>
  hmac(salt, concat(bytes("HPKE-v1"), suite, bytes(label), ikm));

async function expand(suite, prk, label, info, length) {
  // One block of HMAC-SHA256 is as long as anything that is asked for here.
  const labelled = concat(new Uint8Array([0, length]), bytes("HPKE-v1"), suite, bytes(label), info);
  return (await hmac(prk, concat(labelled, new Uint8Array([1])))).slice(0, length);
}

async function schedule(shared, info, aead, keyBytes) {
  const suite = concat(bytes("HPKE"), new Uint8Array([0, 0x10, 0, 1, 0, aead]));
  const none = new Uint8Array(0);
  const pskId = await extract(suite, none, "psk_id_hash", none);
  const infoHash = await extract(suite, none, "info_hash", info);
  const context = concat(new Uint8Array([0]), pskId, infoHash);
  const secret = await extract(suite, shared, "secret", none);
  const key = await expand(suite, secret, "key", context, keyBytes);
  return { key, nonce: await expand(suite, secret, "base_nonce", context, 12) };
}

// `ephemeral` and `aead` are for the test vectors alone, whose cipher is AES-128-GCM (1).
export async function seal(recipient, info, aad, plain, ephemeral, aead = 2) {
  const pair = ephemeral ?? (await subtle.generateKey(P256, false, ["deriveBits"]));
  const encapsulated = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const theirs = await subtle.importKey("raw", recipient, P256, false, []);
  const agreed = { name: "ECDH", public: theirs };
  const dh = new Uint8Array(await subtle.deriveBits(agreed, pair.privateKey, 256));
  const kem = concat(bytes("KEM"), new Uint8Array([0, 0x10]));
  const prk = await extract(kem, new Uint8Array(0), "eae_prk", dh);
  const shared = await expand(kem, prk, "shared_secret", concat(encapsulated, recipient), 32);
  const { key, nonce } = await schedule(shared, info, aead, aead === 1 ? 16 : 32);
  const cipher = await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const gcm = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return concat(encapsulated, new Uint8Array(await subtle.encrypt(gcm, cipher, plain)));
}

export async function sealMessage(sealKey, mailbox, message) {
  const plain = bytes(JSON.stringify(message));
  if (plain.length > PLAIN_BYTES_MAX) throw new Error("long");
  const whole = Math.ceil(plain.length / PADDED_BYTES) * PADDED_BYTES;
  const padded = new Uint8Array(Math.min(whole, PLAIN_BYTES_MAX)).fill(0x20);
  padded.set(plain);
  return seal(sealKey, MESSAGE_INFO, mailbox, padded);
}

// Code phrases: seven words of 16 random bits, and one that checks them.
const CONSONANTS = "bdfghjklmnprstvz";
const VOWELS = "aiou";

function word(high, low) {
  const n = high * 256 + low;
  return (
    CONSONANTS[n >> 12] +
    VOWELS[(n >> 10) & 3] +
    CONSONANTS[(n >> 6) & 15] +
    VOWELS[(n >> 4) & 3] +
    CONSONANTS[n & 15]
  );
}

export async function phraseOf(random) {
  const check = await sha256(concat(SALT, bytes(" check"), random));
  const all = concat(random, check.slice(0, 2));
  const words = [];
  for (let at = 0; at < all.length; at += 2) words.push(word(all[at], all[at + 1]));
  return words.join("-");
}

export const newPhrase = () => phraseOf(crypto.getRandomValues(new Uint8Array(14)));

export async function readPhrase(text) {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length !== 8) return null;
  const random = new Uint8Array(14);
  for (let at = 0; at < 7; at++) {
    if (words[at].length !== 5) return null;
    const [a, b, c, d, e] = words[at];
    const index = [CONSONANTS.indexOf(a), VOWELS.indexOf(b), CONSONANTS.indexOf(c)];
    index.push(VOWELS.indexOf(d), CONSONANTS.indexOf(e));
    if (index.includes(-1)) return null;
    const n = (index[0] << 12) | (index[1] << 10) | (index[2] << 6) | (index[3] << 4) | index[4];
    random.set([n >> 8, n & 255], at * 2);
  }
  return (await phraseOf(random)) === words.join("-") ? random : null;
}

async function derive(random, label, length) {
  const key = await subtle.importKey("raw", random, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: SALT, info: bytes(label) };
  return new Uint8Array(await subtle.deriveBits(how, key, length * 8));
}

export async function mailboxOf(random) {
  return { mailbox: await derive(random, "mailbox", 16), key: await derive(random, "answers", 32) };
}

export async function openAnswer(box, number, sealed) {
  const place = new Uint8Array(4);
  new DataView(place.buffer).setUint32(0, number);
  const aad = concat(ANSWER_INFO, box.mailbox, place);
  const cipher = await subtle.importKey("raw", box.key, "AES-GCM", false, ["decrypt"]);
  const gcm = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: aad };
  const plain = await subtle.decrypt(gcm, cipher, sealed.slice(12));
  return new TextDecoder().decode(plain).trimEnd();
}

// A text that a key signed: everything before its last line.
async function isSigned(text, name, point) {
  const at = text.lastIndexOf("\n" + name + ": ") + 1;
  if (at === 0) return false;
  const signature = fromBase64(text.slice(at + name.length + 2).trim());
  const key = await subtle.importKey("raw", point, ECDSA, false, ["verify"]);
  return subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, bytes(text.slice(0, at)));
}

export const value = (text, name) => text.match(new RegExp("^" + name + ": (.*)$", "m"))?.[1] ?? "";

// The officer's certificate: the key to seal to, if its own intake key signed it.
export async function readCertificate(text) {
  const certificate = {
    text,
    sealKey: fromBase64(value(text, "seal-key")),
    receiptKey: fromBase64(value(text, "receipt-key")),
    intakeKey: fromBase64(value(text, "intake-key")),
  };
  if (!(await isSigned(text, "certified", certificate.intakeKey))) throw new Error("certificate");
  return certificate;
}

// Whether a receipt is signed by the certified key, and for these bytes.
export async function isReceiptFor(receipt, certificate, sealed) {
  const at = receipt.indexOf("cofferdam intake certificate 1\n");
  if (receipt.slice(at) !== certificate.text) return false;
  const signed = await isSigned(receipt.slice(0, at), "signature", certificate.receiptKey);
  return signed && value(receipt, "sha256") === toHex(await sha256(sealed));
}
