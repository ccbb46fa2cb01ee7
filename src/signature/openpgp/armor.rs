//! The armor around keys and signatures, and the packets in it: RFC 9580, sections 4 and 6. What
//! is nested, compressed or of unknown length is refused before anything looks into it.

use crate::signature::base64::decoded;
use pgp::{
    packet::PacketHeader,
    types::{PacketLength, Tag},
};

/// Packets of a text, at most.
const PACKETS: usize = 1000;

/// A packet: what it is, and its bytes.
pub(super) struct Packet<'a> {
    /// Its header, of a length that is known.
    pub(super) header: PacketHeader,
    /// What is in it.
    pub(super) body: &'a [u8],
}

impl Packet<'_> {
    /// What it is.
    pub(super) fn tag(&self) -> Tag {
        self.header.tag()
    }
}

/// The bytes of an armored text that is one of these. Its checksum says nothing that the signatures
/// in it do not, and is passed over, as RFC 9580 has it.
pub(super) fn bytes(text: &str, names: &[&str]) -> Result<Vec<u8>, &'static str> {
    let mut lines = text.trim().lines().map(str::trim_end);
    let first = lines.next().and_then(|line| line.strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
    let name = first.filter(|name| names.contains(name)).ok_or("its first line is not that of its form")?;
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        if !line.contains(": ") && !line.ends_with(':') {
            return Err("no empty line stands behind its first lines");
        }
    }
    let (mut body, mut checksum) = (String::with_capacity(text.len()), false);
    for line in lines.by_ref() {
        if let Some(end) = line.strip_prefix("-----END ") {
            let ends = end.strip_suffix("-----") == Some(name) && lines.next().is_none();
            return if ends { decoded(&body).ok_or("it is not base 64") } else { Err("its last line is not its last") };
        }
        if checksum {
            return Err("something follows its checksum");
        }
        checksum = line.starts_with('=');
        if !checksum {
            body.push_str(line);
        }
    }
    Err("its end is missing")
}

/// The packets one after another.
pub(super) fn packets(mut bytes: &[u8]) -> Result<Vec<Packet<'_>>, &'static str> {
    let mut packets = Vec::new();
    while !bytes.is_empty() {
        let header = PacketHeader::try_from_reader(&mut bytes).map_err(|_| "it cannot be read")?;
        let PacketLength::Fixed(length) = header.packet_length() else { return Err("a part of it has no length") };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (body, rest) = bytes.split_at_checked(length).ok_or("it ends too early")?;
        packets.push(Packet { header, body });
        if packets.len() > PACKETS {
            return Err("it has more than 1,000 parts");
        }
        bytes = rest;
    }
    Ok(packets)
}
