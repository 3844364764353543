//! Whole sessions that real peers had, decoded to the last byte and encoded
//! again to the same bytes.
//!
//! `sessions/NAME.argv` is what the remote shell was asked to run (its first
//! word tells the server's version), `NAME.c2s` every byte from client to
//! server, `NAME.s2c` every byte back. Recorded from rsync 3.5.0 and 3.1.3 with
//! a remote shell that copies what passes.

use rsync_proto::compat::{Abilities, Ability};
use rsync_proto::digest::{Checksum, Sum};
use rsync_proto::file_list::{Decoder, Encoder, Entry, Fields, Format, Received, read_ids, sort, write_ids};
use rsync_proto::index::{Index, Running};
use rsync_proto::integers::{read_int, read_varint, read_varlong};
use rsync_proto::item::{Flags, Item};
use rsync_proto::multiplex::{Code, Header, Message};
use rsync_proto::negotiation::{Algorithm, Compression, Side, read_choice};
use rsync_proto::sums::{BlockSums, Head};
use rsync_proto::tokens::{self, Frame, Piece, Runs};
use rsync_proto::{Input, SliceError, Version};

type Bytes<'b> = &'b [u8];

#[test]
fn every_byte_of_every_session_is_understood() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sessions");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the recordings")
        .filter_map(|file| {
            file.expect("a file").file_name().to_str()?.strip_suffix(".argv").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 34, "recordings");
    for name in names {
        let read = |end: &str| std::fs::read(format!("{folder}/{name}.{end}")).expect("a recording");
        let argv = String::from_utf8(read("argv")).expect("text");
        let (c2s, s2c) = (read("c2s"), read("s2c"));
        let checked = std::panic::catch_unwind(|| Session::new(&argv).check(&c2s, &s2c));
        assert!(checked.is_ok(), "session {name}");
    }
}

/// What the command line of a server says of a session.
struct Session {
    server_sends: bool,
    offered: Abilities,
    fields: Fields,
    compresses: bool,
    compression: Option<Compression>,
    sends_filters: bool,
    is_dry_run: bool,
    has_names: bool,
}

impl Session {
    fn new(argv: &str) -> Self {
        let words: Vec<&str> = argv.split_whitespace().collect();
        let has = |word: &str| words.contains(&word);
        let short =
            words.iter().find(|word| word.starts_with('-') && !word.starts_with("--")).expect("options");
        let (letters, offered) = short.split_once('e').expect("-e");
        let option = |letter: char| letters.contains(letter);
        let server_sends = has("--sender");
        let checksum = option('c').then_some(16);
        let fields = Fields {
            owner: option('o'),
            group: option('g'),
            devices: option('D'),
            specials: option('D'),
            links: option('l'),
            hard_links: option('H'),
            checksum,
            acls: option('A'),
            xattrs: option('X'),
            numeric_ids: has("--numeric-ids"),
            whole_paths: option('R'),
            ..Fields::default()
        };
        Self {
            server_sends,
            offered: Abilities::offered(offered.as_bytes()),
            fields,
            compresses: option('z') || has("--new-compress"),
            compression: has("--new-compress").then_some(Compression::Zlibx),
            sends_filters: server_sends || has("--delete"),
            is_dry_run: option('n'),
            has_names: words.iter().any(|word| word.starts_with("--files-from=-")),
        }
    }

    fn check(&self, mut client: Bytes<'_>, mut server: Bytes<'_>) {
        let theirs = read_int(&mut client).expect("the client's version");
        let ours = read_int(&mut server).expect("the server's version");
        let version =
            Version::agreed(Version::agreed(Version::NEWEST, theirs).expect("spoken"), ours).expect("spoken");
        let abilities = Abilities::read(&mut server, self.offered).expect("abilities");
        let (checksum, compression) = self.negotiate(abilities, &mut client, &mut server);
        let _seed = read_int(&mut server).expect("the seed");
        let (client, server) = (data_of(client), data_of(server));
        let (mut client, server) = (&client[..], &server[..]);
        if self.sends_filters {
            while let length @ 1.. = read_int(&mut client).expect("a rule's length") {
                client.bytes(length as usize).expect("a rule");
            }
        }
        if self.has_names {
            while read_until_zero(&mut client) != b"" {}
        }
        let (sender, generator) = if self.server_sends { (server, client) } else { (client, server) };
        let format = Format { version, abilities, fields: self.fields };
        let mut reader = Reader::new(format, checksum, compression, self.is_dry_run);
        reader.read_sender(sender, self.server_sends);
        reader.read_generator(generator);
    }

    fn negotiate(
        &self,
        abilities: Abilities,
        client: &mut Bytes<'_>,
        server: &mut Bytes<'_>,
    ) -> (Checksum, Option<Compression>) {
        let asked = self.compresses.then_some(self.compression.unwrap_or(Compression::Zlib));
        if !abilities.has(Ability::VARINT_FLAGS) {
            return (Checksum::Md5, asked);
        }
        let mut client_too = *client;
        let checksum = read_choice(client, Checksum::OURS, Side::Server).expect("a checksum");
        assert_eq!(read_choice(server, Checksum::OURS, Side::Client), Ok(checksum), "ours is theirs");
        assert_eq!(read_choice(&mut client_too, &[checksum], Side::Server), Ok(checksum));
        if !self.compresses || self.compression.is_some() {
            return (checksum, asked);
        }
        let compression = read_choice(client, Compression::OURS, Side::Server).expect("a compression");
        assert_eq!(read_choice(server, Compression::OURS, Side::Client), Ok(compression));
        (checksum, Some(compression))
    }
}

fn read_until_zero(bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut string = Vec::new();
    while let byte @ 1.. = bytes.byte().expect("a name") {
        string.push(byte);
    }
    string
}

/// The stream of data in frames; messages must decode.
fn data_of(mut frames: Bytes<'_>) -> Vec<u8> {
    let mut data = Vec::new();
    while !frames.is_empty() {
        let header = Header::decode(frames.array().expect("a header")).expect("a known frame");
        let contents = frames.bytes(header.length).expect("contents");
        match Message::decode(header.code, &contents).expect("a message") {
            None => data.extend_from_slice(&contents),
            Some(message) => {
                let mut again = Vec::new();
                message.encode(&mut again);
                assert_eq!(again[4..], contents, "{message:?}");
                assert_ne!(header.code, Code::Data);
            }
        }
    }
    data
}

/// Reads what one role sent, writing it again beside.
struct Reader {
    format: Format,
    checksum: Checksum,
    compression: Option<Compression>,
    is_dry_run: bool,
    tokens: tokens::Reader,
    decoder: Decoder,
    encoder: Encoder,
    /// Start and sorted entries of each list.
    lists: Vec<(u32, Vec<Entry>)>,
}

impl Reader {
    fn new(format: Format, checksum: Checksum, compression: Option<Compression>, is_dry_run: bool) -> Self {
        let (decoder, encoder) = (Decoder::new(format), Encoder::new(format));
        let tokens = tokens::Reader::new(compression);
        Self { format, checksum, compression, is_dry_run, tokens, decoder, encoder, lists: Vec::new() }
    }

    fn is_incremental(&self) -> bool {
        self.format.abilities.has(Ability::INCREMENTAL_RECURSION)
    }

    fn read_list(&mut self, input: &mut Bytes<'_>) {
        let start = match self.lists.last() {
            Some((start, entries)) => start + entries.len() as u32 + 1,
            None => u32::from(self.is_incremental()),
        };
        let (before, mut again, mut entries) = (*input, Vec::new(), Vec::new());
        self.decoder.begin(start);
        self.encoder.begin(start);
        loop {
            match self.decoder.read(input).expect("an entry") {
                Received::Entry(entry) => {
                    self.encoder.write(&mut again, &entry);
                    entries.push(*entry);
                }
                Received::End(errors) => {
                    self.encoder.end(&mut again, errors);
                    break;
                }
            }
        }
        assert_eq!(again, before[..before.len() - input.len()], "the list written again: {entries:#?}");
        sort(&mut entries, |entry| (&entry.name, entry.is_directory()));
        self.lists.push((start, entries));
    }

    fn read_id_lists(&mut self, input: &mut Bytes<'_>) {
        let with_zero = self.format.abilities.has(Ability::NAMES_OF_ZERO);
        let fields = self.format.fields;
        if self.is_incremental() || fields.numeric_ids {
            return;
        }
        for _ in [fields.owner, fields.group].iter().filter(|is_sent| **is_sent) {
            let before = *input;
            let ids = read_ids(input, with_zero).expect("names");
            let zero = ids.iter().find(|(id, _)| *id == 0).map(|(_, name)| &name[..]);
            let mut again = Vec::new();
            write_ids(&mut again, &ids, zero);
            assert_eq!(again, before[..before.len() - input.len()], "names written again");
        }
    }

    fn read_sender(&mut self, mut input: Bytes<'_>, is_server: bool) {
        self.read_list(&mut input);
        self.read_id_lists(&mut input);
        let (mut reading, mut writing) = (Running::default(), Running::default());
        let mut done = 0;
        while !input.is_empty() {
            match self.read_index(&mut input, &mut reading, &mut writing) {
                // A server's statistics follow the mark that ends its loop.
                Index::Done => {
                    done += 1;
                    let lists = if self.is_incremental() { self.lists.len() } else { 1 };
                    if is_server && done == lists + 2 {
                        for _ in 0..5 {
                            assert!(read_varlong(&mut input, 3).expect("a statistic") >= 0);
                        }
                    }
                }
                Index::ListOf(_) => self.read_list(&mut input),
                Index::LastList => {}
                Index::DeletionCounts => read_deletions(&mut input),
                Index::Entry(index) => self.read_sent(&mut input, index),
            }
        }
    }

    fn read_generator(&mut self, mut input: Bytes<'_>) {
        let (mut reading, mut writing) = (Running::default(), Running::default());
        while !input.is_empty() {
            match self.read_index(&mut input, &mut reading, &mut writing) {
                Index::Done => {}
                Index::DeletionCounts => read_deletions(&mut input),
                Index::Entry(_) => {
                    let item = self.read_item(&mut input, false);
                    if item.flags.has(Flags::TRANSFER) && !self.is_dry_run {
                        let head = self.read_head(&mut input);
                        for _ in 0..head.count() {
                            BlockSums::read(&mut input, head).expect("sums");
                        }
                    }
                }
                other => panic!("{other:?} from a generator"),
            }
        }
    }

    fn read_index(&self, input: &mut Bytes<'_>, reading: &mut Running, writing: &mut Running) -> Index {
        let (before, mut again) = (*input, Vec::new());
        let index = reading.read(input).expect("an index");
        writing.write(&mut again, index);
        assert_eq!(again, before[..before.len() - input.len()], "{index:?} written again");
        index
    }

    fn read_item(&self, input: &mut Bytes<'_>, has_values: bool) -> Item {
        let (before, mut again) = (*input, Vec::new());
        let item = Item::read(input).expect("an item");
        item.write(&mut again);
        assert_eq!(again, before[..before.len() - input.len()], "{item:?} written again");
        if self.format.fields.xattrs && item.flags.has(Flags::XATTR) {
            while read_varint(input).expect("an attribute's number") != 0 {
                if has_values {
                    let length = read_varint(input).expect("a length");
                    input.bytes(length as usize).expect("a value");
                }
            }
        }
        item
    }

    fn read_head(&self, input: &mut Bytes<'_>) -> Head {
        let head = Head::read(input, self.checksum.length()).expect("a head");
        let attempt = rsync_proto::sums::Attempt::First;
        if head.count() > 0 {
            let ours = Head::of_basis(head.basis_length(), None, self.checksum.length(), attempt);
            assert_eq!(ours, head, "blocks as the original cuts them");
        }
        head
    }

    fn read_sent(&mut self, input: &mut Bytes<'_>, index: u32) {
        let item = self.read_item(input, true);
        if !item.flags.has(Flags::TRANSFER) || self.is_dry_run {
            return;
        }
        let head = self.read_head(input);
        let entry = self
            .lists
            .iter()
            .find_map(|(start, entries)| entries.get(index.checked_sub(*start)? as usize).cloned());
        let entry = entry.expect("an entry of that index");
        // Deflate's history goes on from blocks that the recording has not.
        if self.compression == Some(Compression::Zlib) && head.count() > 0 {
            read_frames(input, head);
            input.bytes(self.checksum.length()).expect("a checksum");
            return;
        }
        let (length, sum) = self.read_data(input, head).expect("data");
        assert_eq!(length, entry.length, "{:?}", entry.name);
        let sent = Sum::new(&input.bytes(self.checksum.length()).expect("a checksum"));
        assert_eq!(sum.unwrap_or(sent), sent, "{:?}", entry.name);
    }

    /// The file's length, and its checksum where no block of a basis is in it.
    fn read_data(&mut self, input: &mut Bytes<'_>, head: Head) -> Result<(u64, Option<Sum>), SliceError> {
        let (mut digest, mut length, mut is_whole) = (self.checksum.of_file(), 0, true);
        loop {
            match self.tokens.read(input)? {
                Piece::End => return Ok((length, is_whole.then(|| digest.finish()))),
                Piece::Data(bytes) => {
                    digest.update(bytes);
                    length += bytes.len() as u64;
                }
                Piece::Blocks { first, last } => {
                    assert!(last < head.count());
                    length += (first..=last).map(|index| u64::from(head.length_of(index))).sum::<u64>();
                    is_whole = false;
                }
            }
        }
    }
}

fn read_frames(input: &mut Bytes<'_>, head: Head) {
    let mut runs = Runs::default();
    loop {
        match runs.read(input).expect("a frame") {
            Frame::End => break,
            Frame::Data(length) => drop(input.bytes(length).expect("a chunk")),
            Frame::Blocks { last, .. } => assert!(last < head.count()),
        }
    }
}

fn read_deletions(input: &mut Bytes<'_>) {
    for _ in 0..5 {
        assert!(read_varint(input).expect("a count") >= 0);
    }
}
