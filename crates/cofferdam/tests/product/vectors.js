(async () => {
  const c = await import("/report/crypto.js");
  const hex = (text) => Uint8Array.from(text.match(/../g), (b) => parseInt(b, 16));
  const url = { "+": "-", "/": "_", "=": "" };
  const base64url = (data) => c.toBase64(data).replace(/[+/=]/g, (mark) => url[mark]);
  const P256 = { name: "ECDH", namedCurve: "P-256" };
  const pkE = hex(
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9" +
      "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
  );
  const skE = hex("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb");
  const pkR = hex(
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82" +
      "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
  );
  const [x, y, d] = [pkE.slice(1, 33), pkE.slice(33), skE].map(base64url);
  const jwk = { kty: "EC", crv: "P-256", x, y, d };
  const ephemeral = {
    privateKey: await crypto.subtle.importKey("jwk", jwk, P256, false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey("raw", pkE, P256, true, []),
  };
  const info = hex("4f6465206f6e2061204772656369616e2055726e");
  const plain = hex("4265617574792069732074727574682c20747275746820626561757479");
  const sealed = await c.seal(pkR, info, hex("436f756e742d30"), plain, ephemeral, 1);
  const phrase = await c.phraseOf(new TextEncoder().encode("fourteen bytes"));
  const box = await c.mailboxOf(await c.readPhrase(phrase.toUpperCase().replaceAll("-", " ")));
  const slip = await c.readPhrase("d" + phrase.slice(1));
  return [c.toHex(sealed.slice(65)), phrase, c.toHex(box.mailbox), c.toHex(box.key), slip];
})()
