//! SSH signatures made by `ssh-keygen` and `git`: what is said of each is what `ssh-keygen -Y
//! verify` says.

mod git;
mod openpgp;

use crate::support::{Folder, Made};
use attestry::{
    calendar::{parse_day, zone},
    signature::{AllowedSigners, GIT, Key, Validity, Verdict, verify},
};
use sha2::{Digest, Sha256, Sha512};
use ssh_key::{PrivateKey, SigningKey, public::KeyData};
use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};

/// 2026-03-01 12:00 UTC.
const AT: i64 = 1_772_366_400;
const ADA: &str = "ada@example.com";

/// A folder with keys and a repository, worked on by the programs themselves.
struct Bench(Folder);

impl Bench {
    fn new() -> Self {
        Self(Folder::new())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.0.path()).env("TZ", "UTC");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), ADA);
            command.env(format!("GIT_{who}_DATE"), format!("{AT} +0100"));
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program, arguments).output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Whether a program succeeds with this on its standard input; what it writes.
    fn fed(&self, program: &str, arguments: &[&str], input: &[u8]) -> (bool, String) {
        let mut command = self.command(program, arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A program that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    fn put(&self, path: &str, text: &str) {
        self.0.put(path, &Made::Text(text.to_owned()));
    }

    /// Makes a key; gives its public half.
    fn key(&self, name: &str, kind: &str, bits: &str) -> String {
        self.run("ssh-keygen", &["-q", "-t", kind, "-b", bits, "-N", "", "-C", "a comment", "-f", name]);
        fs::read_to_string(self.0.path().join(format!("{name}.pub"))).unwrap()
    }

    fn sign(&self, key: &str, namespace: &str, hash: &str, payload: &[u8]) -> String {
        let hash = format!("hashalg={hash}");
        let (good, signature) =
            self.fed("ssh-keygen", &["-q", "-Y", "sign", "-f", key, "-n", namespace, "-O", &hash], payload);
        assert!(good);
        signature
    }

    /// What ssh-keygen says.
    fn holds(&self, signature: &str, payload: &[u8], allowed: &str, principal: &str) -> bool {
        self.put("allowed", allowed);
        self.put("signature", signature);
        let arguments = ["-Y", "verify", "-f", "allowed", "-I", principal, "-n", GIT, "-s", "signature"];
        let at = ["-O", "verify-time=20260301120000Z"];
        self.fed("ssh-keygen", &[&arguments[..], &at[..]].concat(), payload).0
    }

    /// What attestry says, which is what ssh-keygen says.
    fn verdict(&self, signature: &str, payload: &[u8], allowed: &str) -> Verdict {
        let (signers, _) = AllowedSigners::parse(allowed, &zone("UTC").unwrap());
        let verdict = verify(signature, payload, GIT, &signers, AT);
        for principal in [ADA, "eve@example.com", "ada"] {
            assert_eq!(
                verdict.is_by(principal),
                self.holds(signature, payload, allowed, principal),
                "{verdict} for {principal} by\n{allowed}"
            );
        }
        verdict
    }
}

fn good(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Good { signers, .. } if signers.len() == 1)
}

#[test]
fn signatures_of_every_kind_of_key_hold() {
    let bench = Bench::new();
    for (kind, bits) in
        [("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"), ("rsa", "3072")]
    {
        let (name, other) = (format!("{kind}-{bits}"), format!("other-{kind}-{bits}"));
        let key = bench.key(&name, kind, bits);
        let allowed = format!("{ADA} {key}");
        let fingerprint = bench.run("ssh-keygen", &["-l", "-f", &name]);
        for hash in ["sha256", "sha512"] {
            let signature = bench.sign(&name, GIT, hash, b"text\n");
            let verdict = bench.verdict(&signature, b"text\n", &allowed);
            assert!(good(&verdict), "{name} {hash}: {verdict}");
            assert!(fingerprint.contains(verdict.fingerprint().unwrap()), "{fingerprint}");
            let altered = bench.verdict(&signature, b"other text\n", &allowed);
            assert_eq!(altered, Verdict::Bad { why: "it does not fit the text".to_owned() }, "{name} {hash}");
        }
        bench.key(&other, kind, bits);
        let verdict = bench.verdict(&bench.sign(&other, GIT, "sha512", b"text\n"), b"text\n", &allowed);
        assert!(matches!(verdict, Verdict::UnknownKey { .. }), "{verdict}");
    }
}

#[test]
fn options_and_patterns_say_what_they_say_to_ssh() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let key = key.trim();
    let other = bench.key("other", "ed25519", "256");
    let signature = bench.sign("key", GIT, "sha512", b"text\n");
    let of = |allowed: &str| bench.verdict(&signature, b"text\n", allowed);
    for allowed in [
        format!("# a comment\n\n\t {ADA} {key}\n"),
        format!("bo@example.com {other}*@example.com,!eve@example.com {key}\n"),
        format!("\"ada@example.com,bo@example.com\" {key}"),
        format!("*,!eve@example.com namespaces=\"file,g?t\" {key}"),
        format!("{ADA} valid-after=\"20260301\",valid-before=\"20260302\" {key}"),
        format!("{ADA} valid-after=\"202603011159Z\",VALID-BEFORE=\"20260301120000Z\",namespaces=\"git\" {key}"),
        format!("{ADA} valid-before=\"20200101\" {key}\n{ADA} {key}\n"),
        format!("{ADA}\t{key}\r\n"),
    ] {
        let verdict = of(&allowed);
        assert!(good(&verdict) && verdict.is_by(ADA), "{verdict}\n{allowed}");
    }
    for allowed in [
        format!("{ADA} valid-before=\"20260301\" {key}"),
        format!("{ADA} valid-after=\"20260301120001Z\" {key}"),
        format!("{ADA} valid-after=\"20270101Z\",namespaces=\"git\" {key}"),
    ] {
        assert!(matches!(of(&allowed), Verdict::OutsideValidity { .. }), "{}\n{allowed}", of(&allowed));
    }
    for namespaces in ["file", "git*,!git", "", "GIT"] {
        let allowed = format!("{ADA} namespaces=\"{namespaces}\" {key}");
        assert!(matches!(of(&allowed), Verdict::NotForNamespace { .. }), "{}\n{allowed}", of(&allowed));
    }
    // Good, and of somebody else.
    let verdict = of(&format!("eve@* {key}"));
    assert!(verdict.is_good() && verdict.is_by("eve@example.com") && !verdict.is_by(ADA));
}

#[test]
fn lines_that_ssh_refuses_are_told_and_not_used() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let key = key.trim();
    let signature = bench.sign("key", GIT, "sha512", b"text\n");
    let (kind, rest) = key.split_once(' ').unwrap();
    let cases = [
        (ADA.to_owned(), "the line has no key"),
        (format!("{ADA} {kind}"), "this is no public key such as `ssh-ed25519 AAAA…`"),
        (format!("{ADA} ssh-rsa {rest}"), "this is no public key such as `ssh-ed25519 AAAA…`"),
        (format!("\"{ADA} {key}"), "the quote before the principals is not closed"),
        (
            format!("{ADA} cert-authority {key}"),
            "`cert-authority` is not supported, so signatures of its certificates are not verified",
        ),
        (format!("{ADA} no-touch-required {key}"), "`no-touch-required` is not an option of a signer"),
        (format!("{ADA} namespaces=git {key}"), "the value of `namespaces` is not in quotes"),
        (format!("{ADA} namespaces=\"git {key}"), "the value of `namespaces` is not in quotes"),
        (format!("{ADA} namespaces=\"git\",namespaces=\"git\" {key}"), "`namespaces` is said twice"),
        (format!("{ADA} namespaces=\"git\", {key}"), "an option is expected behind `namespaces` and a comma"),
        (format!("{ADA} valid-after=\"2026-03-01\" {key}"), "`2026-03-01` is not a time"),
        (format!("{ADA} valid-after=\"20261301\" {key}"), "`20261301` is not a time"),
        (
            format!("{ADA} valid-after=\"20260301\",valid-before=\"20260301\" {key}"),
            "`valid-before` is not later than `valid-after`",
        ),
        (
            format!("{ADA} {}", bench.key("small", "rsa", "1024")),
            "RSA keys of 1024 bits are not supported, only 2048 to 4096",
        ),
    ];
    for (line, message) in cases {
        let allowed = format!("# first\n  {line}\n");
        let verdict = bench.verdict(&signature, b"text\n", &allowed);
        assert!(matches!(verdict, Verdict::UnknownKey { .. }), "{verdict}\n{line}");
        let (_, defects) = AllowedSigners::parse(&allowed, &zone("UTC").unwrap());
        assert_eq!(defects.len(), 1, "{line}");
        assert_eq!((defects[0].line, defects[0].message.as_str()), (2, message), "{line}");
        assert_eq!(&allowed[defects[0].span.clone()], line.trim());
    }
}

#[test]
fn times_without_a_zone_are_those_of_the_organization() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let signature = bench.sign("key", GIT, "sha512", b"");
    let allowed = format!("{ADA} valid-after=\"202603011230\" {key}");
    for (zone_name, expected) in [("Europe/Oslo", true), ("UTC", false)] {
        let (signers, _) = AllowedSigners::parse(&allowed, &zone(zone_name).unwrap());
        assert_eq!(verify(&signature, b"", GIT, &signers, AT).is_good(), expected, "{zone_name}");
    }
}

#[test]
fn keys_of_persons_are_valid_on_their_days() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let signature = bench.sign("key", GIT, "sha512", b"");
    let oslo = zone("Europe/Oslo").unwrap();
    let of = |from: &str, until: &str| {
        let mut signers = AllowedSigners::default();
        let validity = Validity::of_days(parse_day(from), parse_day(until), &oslo);
        signers.add([ADA, "ada.exampleton"], Key::read(&key).unwrap(), validity);
        verify(&signature, b"", GIT, &signers, AT)
    };
    let verdict = of("2026-03-01", "2026-03-01");
    assert!(verdict.is_by(ADA) && verdict.is_by("Ada.Exampleton") && !verdict.is_by("*"), "{verdict}");
    assert!(of("", "").is_good());
    assert!(matches!(of("2026-03-02", ""), Verdict::OutsideValidity { .. }));
    assert!(matches!(of("", "2026-02-28"), Verdict::OutsideValidity { .. }));
    let private = fs::read_to_string(bench.0.path().join("key")).unwrap();
    for (text, why) in [
        (private.as_str(), "this is a private key, which must not be in a repository"),
        ("AAAA", "this is no public key such as `ssh-ed25519 AAAA…`"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "certificates are not supported"),
    ] {
        assert_eq!(Key::read(text).map_err(|wrong| wrong.message), Err(why.to_owned()));
    }
}

#[test]
fn other_purposes_forms_and_texts_are_told_apart() {
    let bench = Bench::new();
    let key = bench.key("key", "ed25519", "256");
    let allowed = format!("{ADA} {key}");
    let of = |signature: &str| bench.verdict(signature, b"text\n", &allowed);
    let signature = bench.sign("key", "file", "sha512", b"text\n");
    assert!(matches!(of(&signature), Verdict::WrongNamespace { namespace, .. } if namespace == "file"));
    let verdict = of("-----BEGIN SIGNED MESSAGE-----\nMIID\n-----END SIGNED MESSAGE-----\n");
    assert_eq!(verdict, Verdict::X509);
    assert_eq!(verdict.to_string(), "X.509 signature present, not verified");
    let whole = bench.sign("key", GIT, "sha512", b"text\n");
    for broken in
        ["", "signature", "-----BEGIN SSH SIGNATURE-----", &whole[..whole.len() / 2], &whole.replace("U1NI", "U1NJ")]
    {
        assert!(matches!(of(broken), Verdict::Bad { .. }), "{broken}");
    }
    // However the lines are broken, it is the same signature.
    assert!(good(&of(&whole.replace('\n', "\r\n").replacen("\r\n", "\n", 1))));
}

#[test]
fn certificates_are_said_to_be_unsupported() {
    let bench = Bench::new();
    let authority = bench.key("authority", "ed25519", "256");
    bench.key("key", "ed25519", "256");
    bench.run("ssh-keygen", &["-q", "-s", "authority", "-I", "ada", "-n", ADA, "-V", "20200101:20300101", "key.pub"]);
    bench.run("mv", &["key-cert.pub", "key.pub"]);
    let signature = bench.sign("key.pub", GIT, "sha512", b"text\n");
    let allowed = format!("{ADA} cert-authority {authority}");
    assert!(bench.holds(&signature, b"text\n", &allowed, ADA), "the signature is one that ssh takes");
    let (signers, defects) = AllowedSigners::parse(&allowed, &zone("UTC").unwrap());
    let verdict = verify(&signature, b"text\n", GIT, &signers, AT);
    assert_eq!(
        verdict,
        Verdict::Unsupported { why: "certificates (`ssh-ed25519-cert-v01@openssh.com`) are not supported".to_owned() }
    );
    assert_eq!(defects.len(), 1);
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn private(bench: &Bench, name: &str) -> PrivateKey {
    PrivateKey::from_openssh(fs::read(bench.0.path().join(name)).unwrap()).unwrap()
}

/// The signature of a key as a number or two, before anything is written around it.
fn raw<K: SigningKey>(key: &K, text: &[u8]) -> Vec<u8> {
    key.try_sign(text).unwrap().as_bytes().to_vec()
}

/// What a signature over a text is made over.
fn signed_data(text: &[u8]) -> Vec<u8> {
    [b"SSHSIG", &string(GIT.as_bytes())[..], &string(b""), &string(b"sha512"), &string(&Sha512::digest(text))].concat()
}

fn armored(bench: &Bench, public: &[u8], signature: &[u8]) -> String {
    let head = [string(GIT.as_bytes()), string(b""), string(b"sha512")].concat();
    let blob = [b"SSHSIG", &1_u32.to_be_bytes()[..], &string(public), &head, &string(signature)].concat();
    let body = bench.fed("base64", &["-w70"], &blob).1;
    format!("-----BEGIN SSH SIGNATURE-----\n{body}-----END SSH SIGNATURE-----\n")
}

/// A signature with a security key, whose part a file plays here.
fn with_security_key(bench: &Bench, name: &str) -> (String, String) {
    let private = private(bench, name);
    let (kind, point) = match private.public_key().key_data() {
        KeyData::Ed25519(key) => ("sk-ssh-ed25519@openssh.com", string(key.as_ref())),
        KeyData::Ecdsa(key) => {
            ("sk-ecdsa-sha2-nistp256@openssh.com", [string(b"nistp256"), string(key.as_sec1_bytes())].concat())
        }
        _ => panic!("no such security keys"),
    };
    let public = [string(kind.as_bytes()), point, string(b"ssh:")].concat();
    let touched_and_counted = [1, 0, 0, 0, 7];
    let signed = [&Sha256::digest(b"ssh:")[..], &touched_and_counted, &Sha256::digest(signed_data(b"text\n"))].concat();
    let signature = [&string(kind.as_bytes())[..], &string(&raw(&private, &signed)), &touched_and_counted].concat();
    (armored(bench, &public, &signature), format!("{kind} {}", bench.fed("base64", &["-w0"], &public).1))
}

/// Some programs leave the leading zeros of the number out; one signature in 256 has them. This one
/// is of `ssh-keygen`, with its zero taken away.
#[test]
fn an_rsa_signature_without_its_leading_zeros_holds() {
    let (key, signature) = (include_str!("short.pub"), include_str!("short.sig"));
    let verdict = Bench::new().verdict(signature, b"1223\n", &format!("{ADA} {key}"));
    assert!(good(&verdict), "{verdict}");
}

#[test]
fn signatures_of_security_keys_hold() {
    let bench = Bench::new();
    for kind in ["ed25519", "ecdsa"] {
        bench.key(kind, kind, "256");
        let (signature, key) = with_security_key(&bench, kind);
        let allowed = format!("{ADA} {key}");
        let verdict = bench.verdict(&signature, b"text\n", &allowed);
        assert!(good(&verdict), "{kind}: {verdict}");
        assert!(matches!(bench.verdict(&signature, b"other\n", &allowed), Verdict::Bad { .. }));
    }
}
