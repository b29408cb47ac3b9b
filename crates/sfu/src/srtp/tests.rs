#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::keys::{Label, Master};
use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// RFC 3711 appendix B.3.
#[test]
fn session_keys_are_those_of_the_standard() {
    let (key, salt) = (hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));
    let master = Master { profile: Profile::Aes128CmSha1, key: &key, salt: &salt };
    let table = [
        (Label::RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087"),
        (Label::RtpSalt, "30CBBC08863D8C85D49DB34A9AE1"),
        (Label::RtpAuthentication, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"),
    ];
    for (label, expected) in table {
        let expected = hex(expected);
        let mut out = vec![0xff; expected.len()];
        master.derive(label, &mut out).unwrap();
        assert_eq!(out, expected);
    }
}

/// A transform under the session key and salt of RFC 7714 sections 16 and 17, which print no master key.
fn rfc_7714(profile: Profile) -> Transform {
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, LessSafeKey, UnboundKey};

    let algorithm = if profile == Profile::Aes256Gcm { &AES_256_GCM } else { &AES_128_GCM };
    let key = &hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")[..profile.key_length()];
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
    Transform::Gcm { key, salt: hex("517569642070726f2071756f").try_into().unwrap() }
}

/// RFC 7714 sections 16.1.1 and 16.2.1.
#[test]
fn gcm_packets_are_those_of_the_standard() {
    let table = [
        (
            Profile::Aes128Gcm,
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce",
        ),
        (
            Profile::Aes256Gcm,
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13",
        ),
    ];
    for (profile, expected) in table {
        let header = hex("8040f17b8041f8d35501a0b2");
        // Other packets may lie before it.
        let mut packet = [&[7; 5], header.as_slice(), b"Gallia est omnis divisa in partes tres"].concat();
        rfc_7714(profile).protect_rtp(&mut packet, 5, 17, 0x5501_a0b2, 0xf17b).unwrap();
        assert_eq!(packet[5..], [header, hex(expected)].concat(), "{profile:?}");
    }
}

/// The RTCP packet of RFC 7714 section 17 and its index.
const MARS: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef";
const MARS_INDEX: u32 = 0x05d4;

/// RFC 7714 sections 17.1 and 17.2.
#[test]
fn gcm_rtcp_is_that_of_the_standard() {
    let table = [
        (
            Profile::Aes128Gcm,
            "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b \
             c84aa458 96cf4d2f c5abf872 45d9eade 800005d4",
        ),
        (
            Profile::Aes256Gcm,
            "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad \
             1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4",
        ),
    ];
    for (profile, expected) in table {
        let expected = hex(expected);
        let mut packet = hex(MARS);
        rfc_7714(profile).protect_rtcp(&mut packet, 0, 0x4d61_7273, MARS_INDEX).unwrap();
        assert_eq!(packet, expected, "{profile:?}");
        let mut plain = Vec::new();
        assert_eq!(rfc_7714(profile).open_rtcp(&expected, 0x4d61_7273, &mut plain).unwrap(), MARS_INDEX, "{profile:?}");
        assert_eq!(plain, hex(MARS), "{profile:?}");
    }
}

/// RFC 7714 sections 17.3 and 17.4: authentic, but in the clear. Nobody who negotiated encryption sends that.
#[test]
fn gcm_rtcp_that_is_only_tagged_is_refused() {
    for (profile, tag) in
        [(Profile::Aes128Gcm, "841dd968 3dd78ec9 2ae58790 125f62b3"), (Profile::Aes256Gcm, "91db4afb feee5a97 8fab4393 ed2615fe")]
    {
        let index = MARS_INDEX.to_be_bytes();
        let Transform::Gcm { key, salt } = rfc_7714(profile) else { panic!("this is GCM") };
        let (associated, mut empty) = ([hex(MARS), index.to_vec()].concat(), []);
        let nonce = transform::rtcp_nonce(&salt, 0x4d61_7273, MARS_INDEX);
        let made = key.seal_in_place_separate_tag(nonce, aws_lc_rs::aead::Aad::from(associated), &mut empty).unwrap();
        assert_eq!(made.as_ref(), hex(tag), "the tag is authentic, {profile:?}");
        let packet = [hex(MARS), hex(tag), index.to_vec()].concat();
        assert!(rfc_7714(profile).open_rtcp(&packet, 0x4d61_7273, &mut Vec::new()).is_err(), "{profile:?}");
    }
}

/// The packet that implementations of RFC 3711 check themselves with, under the master key of appendix B.3.
#[test]
fn a_counter_mode_packet_is_that_of_others() {
    let (key, salt) = (hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));
    let material = KeyingMaterial::new(Profile::Aes128CmSha1, &[key.clone(), key, salt.clone(), salt].concat()).unwrap();
    let mut packet = hex("800f1234decafbadcafebabe");
    packet.extend_from_slice(&[0xab; 16]);
    Protector::new(&material).unwrap().rtp(&mut packet, 0, 12, 0xcafe_babe, 0x1234).unwrap();
    assert_eq!(packet, hex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"));
}

/// As above, for RTCP.
#[test]
fn counter_mode_rtcp_is_that_of_others() {
    let (key, salt) = (hex("E1F97A0D3E018BE0D64FA32C06DE4139"), hex("0EC675AD498AFEEBB6960B3AABE6"));
    let material = KeyingMaterial::new(Profile::Aes128CmSha1, &[key.clone(), key, salt.clone(), salt].concat()).unwrap();
    let plain = [hex("81c8000bcafebabe"), vec![0xab; 16]].concat();
    let mut packet = plain.clone();
    Protector::new(&material).unwrap().rtcp(&mut packet, 0, 0xcafe_babe, 1).unwrap();
    assert_eq!(packet, hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798"));
    assert_eq!(RtcpOpener::new(&material).unwrap().open(&packet, &mut Vec::new()), Some(plain.as_slice()));
}

const PROFILES: [Profile; 3] = [Profile::Aes128CmSha1, Profile::Aes128Gcm, Profile::Aes256Gcm];

/// Keying material with the same key and salt for both directions.
fn mirrored(profile: Profile) -> KeyingMaterial {
    let (key, salt) = (vec![7; profile.key_length()], vec![9; profile.salt_length()]);
    KeyingMaterial::new(profile, &[key.clone(), key, salt.clone(), salt].concat()).unwrap()
}

fn compound() -> Vec<u8> {
    hex("80c90001 01020304 81ce0002 01020304 0a0b0c0d")
}

#[test]
fn rtcp_comes_back_as_it_was_once() {
    for profile in PROFILES {
        let material = mirrored(profile);
        let (protector, mut opener) = (Protector::new(&material).unwrap(), RtcpOpener::new(&material).unwrap());
        let mut packet = compound();
        protector.rtcp(&mut packet, 0, 0x0102_0304, 77).unwrap();
        let mut plain = Vec::new();
        assert_eq!(opener.open(&packet, &mut plain), Some(compound().as_slice()), "{profile:?}");
        assert_eq!(opener.open(&packet, &mut plain), None, "a replay, {profile:?}");
    }
}

#[test]
fn forged_and_short_rtcp_is_refused() {
    for profile in PROFILES {
        let material = mirrored(profile);
        let (protector, mut opener) = (Protector::new(&material).unwrap(), RtcpOpener::new(&material).unwrap());
        let mut packet = compound();
        protector.rtcp(&mut packet, 0, 0x0102_0304, 1).unwrap();
        let mut plain = Vec::new();
        for length in 0..packet.len() {
            assert_eq!(opener.open(&packet[..length], &mut plain), None, "{length} bytes, {profile:?}");
        }
        for byte in 0..packet.len() {
            let mut forged = packet.clone();
            forged[byte] ^= 0x40;
            assert_eq!(opener.open(&forged, &mut plain), None, "byte {byte}, {profile:?}");
        }
        assert!(opener.open(&packet, &mut plain).is_some(), "forgeries use no index up, {profile:?}");
    }
}

#[test]
fn material_of_the_wrong_length_is_refused() {
    assert!(KeyingMaterial::new(Profile::Aes128Gcm, &[0; 55]).is_none());
    assert!(KeyingMaterial::new(Profile::Aes128Gcm, &[0; 56]).is_some());
    assert!(!format!("{:?}", mirrored(Profile::Aes256Gcm)).contains('7'), "keys stay out of logs");
}

proptest! {
    #[test]
    fn garbage_is_refused(packet in proptest::collection::vec(any::<u8>(), 0..120)) {
        for profile in PROFILES {
            let mut opener = RtcpOpener::new(&mirrored(profile)).unwrap();
            let mut plain = Vec::new();
            prop_assert_eq!(opener.open(&packet, &mut plain), None);
        }
    }
}
