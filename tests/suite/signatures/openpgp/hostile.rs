//! Signatures and keys of which bytes were altered: none holds that `gpg` refuses, and nothing panics.

use super::{AT, BORN, Gpg, REFUSED, TEXT, THEN, of, signers};
use attestry::signature::{GIT, Key, Validity, verify};
use std::time::Instant;

/// How many of each are made; how many of these `gpg` is asked about.
const MADE: usize = 1500;
const ASKED: usize = 15;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % end.max(1)
    }

    /// The bytes with something in them altered, left out, doubled or cut off.
    fn altered(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..(at + 1 + self.below(8)).min(bytes.len()))),
                2 => {
                    let part = bytes[at..(at + 1 + self.below(40)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
                3 => bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff]).for_each(drop),
                4 => bytes.get_mut(at).into_iter().for_each(|byte| *byte = 0),
                5 => bytes.get_mut(at).into_iter().for_each(|byte| *byte = 0xff),
                6 => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << (at % 8)),
                _ => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    bytes.get_mut(at).into_iter().for_each(|one| *one = byte);
                }
            }
        }
        bytes
    }
}

/// The bytes of an armor, and the armor of bytes.
fn bytes_of(gpg: &Gpg, armored: &str) -> Vec<u8> {
    gpg.bench.put("armored", armored);
    gpg.run(THEN, &["--output", "bytes", "--dearmor", "armored"]);
    std::fs::read(gpg.bench.0.path().join("bytes")).unwrap()
}

fn armor(kind: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN PGP {kind}-----\n\n");
    for (line, chunk) in bytes.chunks(3).enumerate() {
        let mut bits = 0_u32;
        (0..3).for_each(|at| bits = bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let one = char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]);
            text.push(if digit <= chunk.len() { one } else { '=' });
        }
        if line % 16 == 15 {
            text.push('\n');
        }
    }
    format!("{text}\n-----END PGP {kind}-----\n")
}

#[test]
fn altered_signatures_and_keys_show_nothing_and_break_nothing() {
    let gpg = Gpg::new();
    let mut dice = Dice(0x5eed);
    for (kind, second) in [("ed25519", "ed25519"), ("rsa2048", "nistp256/ecdsa"), ("nistp384", "rsa2048")] {
        let key = gpg.key(kind, kind, "sign", "0");
        gpg.run(BORN, &["--quick-add-key", &key, second, "sign", "0"]);
        let block = gpg.export(&key);
        let known = signers(&[&block], Validity::default());
        let signature = gpg.sign(THEN, &format!("{key}!"), &[], TEXT);
        let by_subkey = gpg.sign(THEN, &key, &[], TEXT);
        let (block_bytes, bytes) = (bytes_of(&gpg, &block), bytes_of(&gpg, &signature));
        assert!(of(&[&armor("PUBLIC KEY BLOCK", &block_bytes)], &armor("SIGNATURE", &bytes), TEXT, AT).is_good());
        for made in 0..MADE {
            let altered = armor("SIGNATURE", &dice.altered(&bytes));
            let started = Instant::now();
            let holds = verify(&altered, TEXT, GIT, &known, AT).is_good();
            assert!(started.elapsed().as_secs() < 5, "{altered}");
            if holds || made < ASKED {
                let (also, said) = gpg.holds(THEN, &[&block], &altered, TEXT);
                assert!(also || !holds, "{altered}\n{said}");
            }
            let altered = armor("PUBLIC KEY BLOCK", &dice.altered(&block_bytes));
            let started = Instant::now();
            if Key::read(&altered).is_ok() {
                for signature in [&signature, &by_subkey] {
                    let holds = of(&[&altered], signature, TEXT, AT).is_good();
                    if holds && made < ASKED * 10 {
                        let (also, said) = gpg.holds(THEN, &[&altered], signature, TEXT);
                        // gpg leaves out a key that has anything that it cannot read, in a subkey too.
                        assert!(also || said.contains(REFUSED), "{altered}\n{said}");
                    }
                }
            }
            assert!(started.elapsed().as_secs() < 5, "{altered}");
        }
    }
}

#[test]
fn nothing_takes_long() {
    let gpg = Gpg::new();
    let key = gpg.key("ada", "nistp521", "sign", "0");
    let (block, signature) = (gpg.export(&key), gpg.sign(THEN, &key, &[], TEXT));
    let (block_bytes, bytes) = (bytes_of(&gpg, &block), bytes_of(&gpg, &signature));
    let of_key = |bytes: Vec<u8>| drop(Key::read(&armor("PUBLIC KEY BLOCK", &bytes)));
    let of_signature = |bytes: Vec<u8>| drop(of(&[&block], &armor("SIGNATURE", &bytes), TEXT, AT));
    let started = Instant::now();
    let own = &block_bytes[block_bytes.len() / 2..];
    of_key([&block_bytes[..], &block_bytes.repeat(500)].concat());
    of_key([&block_bytes[..], &own.repeat(900)].concat());
    of_key([&block_bytes[..], &[0xb4, 0].repeat(90_000)].concat());
    of_key([&block_bytes[..], &[0xff; 4000]].concat());
    of_signature(bytes.repeat(400));
    of_signature([&bytes[..], &vec![0; 40_000]].concat());
    let nested = "-----BEGIN PGP SIGNATURE-----\n\n".repeat(2000);
    drop(of(&[&block], &nested, TEXT, AT));
    drop(of(&[&block], &"-----BEGIN PGP SIGNATURE-----\n".repeat(2000), TEXT, AT));
    drop(Key::read(&"-----BEGIN PGP PUBLIC KEY BLOCK-----\na: b\n".repeat(4000)));
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
