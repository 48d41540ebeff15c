use super::*;

fn signer() -> Signer {
    Signer::new("cofferdam/harbour", &[7; 32]).unwrap()
}

fn head() -> Head {
    Head { size: 20_852_163, root: [9; 32] }
}

/// The example of the Go package `golang.org/x/mod/sumdb/note`, which defines the format.
#[test]
fn notes_are_those_of_the_format_s_own_example() {
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let signed = format!(
        "{text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv\
         qfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let verifier: Verifier = vkey.parse().unwrap();
    assert_eq!(verifier.verify_text(signed.as_bytes()).unwrap(), text);

    let seed = BASE64.decode(b"AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz").unwrap();
    let signer = Signer::new("PeterNeumann", seed[1..].try_into().unwrap()).unwrap();
    assert_eq!(signer.verifier().to_string(), vkey);
    assert_eq!(signer.sign_text(text), signed);
}

#[test]
fn a_checkpoint_verifies_as_signed_and_has_the_format() {
    let checkpoint = signer().sign(&head());
    let body = "cofferdam/harbour\n20852163\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n\n— ";
    assert!(checkpoint.starts_with(body), "{checkpoint}");
    assert_eq!(signer().verifier().verify(checkpoint.as_bytes()).unwrap(), head());
    let mut reader = checkpoint.as_bytes();
    let parsed = tlog_tiles::Checkpoint::from_reader(&mut reader, false).unwrap();
    assert_eq!((parsed.origin(), parsed.size()), ("cofferdam/harbour", head().size));
    assert_eq!(parsed.hash().0, head().root);
}

#[test]
fn a_checkpoint_with_a_witness_s_line_verifies() {
    let checkpoint = signer().sign(&head());
    let cosigned = format!("{checkpoint}— witness.example/one {}\n", BASE64.encode(&[1; 76]));
    assert_eq!(signer().verifier().verify(cosigned.as_bytes()).unwrap(), head());
    let before = checkpoint.replace("\n\n", "\n\n— witness.example/one AAAAAAAA\n");
    assert_eq!(signer().verifier().verify(before.as_bytes()).unwrap(), head());
}

#[test]
fn a_note_of_a_kind_is_no_checkpoint_and_no_other_kind() {
    let signer = signer();
    let verifier = signer.verifier();
    let Head { size, root } = head();
    let note = signer.sign_note("report", &format!("{size}\n{}\n", BASE64.encode(&root)));
    assert!(verifier.verify_note("report", &note).unwrap().starts_with(&format!("{size}\n")));
    assert!(verifier.verify_note("other", &note).is_err());
    assert!(verifier.verify(note.as_bytes()).is_err());
    assert!(verifier.verify_note("report", &signer.sign(&head())).is_err());
    assert!(verifier.verify_note("report", &note.replace(" report\n", " other\n")).is_err());
}

#[test]
fn any_changed_bit_of_a_checkpoint_is_refused() {
    let checkpoint = signer().sign(&head()).into_bytes();
    for at in 0..checkpoint.len() {
        for bit in 0..8 {
            let mut changed = checkpoint.clone();
            changed[at] ^= 1 << bit;
            assert!(signer().verifier().verify(&changed).is_err(), "byte {at} bit {bit}");
        }
        assert!(signer().verifier().verify(&checkpoint[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_checkpoint_of_another_key_or_log_is_refused() {
    let verifier = signer().verifier().clone();
    for (origin, seed) in [("cofferdam/harbour", [8; 32]), ("cofferdam/other", [7; 32])] {
        let other = Signer::new(origin, &seed).unwrap().sign(&head());
        assert!(verifier.verify(other.as_bytes()).is_err());
    }
    // A note by the right key about another log.
    let about_other = signer().sign_text("cofferdam/other\n1\nCQkJCQkJCQkJ\n");
    assert!(verifier.verify(about_other.as_bytes()).is_err());
}

#[test]
fn malformed_checkpoints_are_refused_even_if_signed() {
    let root = BASE64.encode(&[9; 32]);
    for text in [
        format!("cofferdam/harbour\n07\n{root}\n"),
        format!("cofferdam/harbour\n+7\n{root}\n"),
        format!("cofferdam/harbour\n18446744073709551616\n{root}\n"),
        format!("cofferdam/harbour\n7\n{root}\nmore\n"),
        format!("cofferdam/harbour\n7\n{}\n", &root[..40]),
        "cofferdam/harbour\n7\n".to_owned(),
        "\n".to_owned(),
    ] {
        let note = signer().sign_text(&text);
        assert!(signer().verifier().verify(note.as_bytes()).is_err(), "{text}");
    }
    let long = signer().sign(&head()) + &"— w AAAAAAAA\n".repeat(10_000);
    assert!(signer().verifier().verify(long.as_bytes()).is_err());
}

#[test]
fn verifier_keys_read_back_what_they_print() {
    let text = signer().verifier().to_string();
    assert_eq!(text.parse::<Verifier>().unwrap(), *signer().verifier());
    for wrong in ["", "a+b", "a+00000000+AQ==", &text[1..], &text.to_uppercase()] {
        assert!(wrong.parse::<Verifier>().is_err(), "{wrong}");
    }
    assert!(Signer::new("with space", &[7; 32]).is_err());
}
