//! Zip archives written byte by byte, so that they can lie.

/// A file of an archive, with what its headers say.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// The name in the local header, where it is another one.
    pub(crate) local_name: Option<Vec<u8>>,
    /// The bytes as they stand in the archive.
    pub(crate) data: Vec<u8>,
    pub(crate) crc: u32,
    pub(crate) local_crc: u32,
    pub(crate) size: u32,
    pub(crate) local_size: u32,
    pub(crate) compressed: u32,
    pub(crate) method: u16,
    pub(crate) local_method: u16,
    pub(crate) flags: u16,
    /// Flags that stand in the local header only.
    pub(crate) local_flags: u16,
    pub(crate) mode: u32,
    pub(crate) extra: Vec<u8>,
    /// Bytes before the local header that belong to nobody.
    pub(crate) before: Vec<u8>,
    /// Bytes behind the data: a data descriptor.
    pub(crate) behind: Vec<u8>,
    /// Use the header of the entry before instead of an own one.
    pub(crate) shares: bool,
}

impl Entry {
    pub(crate) fn stored(name: &str, data: &[u8]) -> Self {
        let (crc, size) = (crc(data), u32::try_from(data.len()).unwrap());
        Self {
            name: name.as_bytes().to_vec(),
            local_name: None,
            data: data.to_vec(),
            crc,
            local_crc: crc,
            size,
            local_size: size,
            compressed: size,
            method: 0,
            local_method: 0,
            flags: 1 << 11,
            local_flags: 0,
            mode: 0o100_644,
            extra: Vec::new(),
            before: Vec::new(),
            behind: Vec::new(),
            shares: false,
        }
    }
}

pub(crate) fn archive(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut central, mut header) = (Vec::new(), Vec::new(), 0);
    for entry in entries {
        if !entry.shares {
            bytes.extend(&entry.before);
            header = u32::try_from(bytes.len()).unwrap();
            let name = entry.local_name.as_ref().unwrap_or(&entry.name);
            bytes.extend(b"PK\x03\x04");
            shorts(&mut bytes, &[20, entry.flags | entry.local_flags, entry.local_method, 0, 0x21]);
            longs(&mut bytes, &[entry.local_crc, entry.compressed, entry.local_size]);
            shorts(&mut bytes, &[short(name.len()), 0]);
            bytes.extend(name);
            bytes.extend(&entry.data);
            bytes.extend(&entry.behind);
        }
        central.extend(b"PK\x01\x02");
        shorts(&mut central, &[0x0314, 20, entry.flags, entry.method, 0, 0x21]);
        longs(&mut central, &[entry.crc, entry.compressed, entry.size]);
        shorts(&mut central, &[short(entry.name.len()), short(entry.extra.len()), 0, 0, 0]);
        longs(&mut central, &[entry.mode << 16, header]);
        central.extend(&entry.name);
        central.extend(&entry.extra);
    }
    let (start, size) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(central.len()).unwrap());
    bytes.extend(central);
    bytes.extend(b"PK\x05\x06");
    shorts(&mut bytes, &[0, 0, short(entries.len()), short(entries.len())]);
    longs(&mut bytes, &[size, start]);
    shorts(&mut bytes, &[0]);
    bytes
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap()
}

fn shorts(bytes: &mut Vec<u8>, numbers: &[u16]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn longs(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// CRC-32, bit by bit.
pub(crate) fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
