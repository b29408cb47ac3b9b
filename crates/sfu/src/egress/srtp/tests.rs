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

/// RFC 7714 section 16.1.1, whose keys are session keys.
#[test]
fn a_gcm_packet_is_that_of_the_standard() {
    use aws_lc_rs::aead::{AES_128_GCM, LessSafeKey, UnboundKey};

    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &hex("000102030405060708090a0b0c0d0e0f")).unwrap());
    let salt = hex("517569642070726f2071756f").try_into().unwrap();
    let transform = Transform::Gcm { key, salt };
    let mut packet = hex("8040f17b8041f8d35501a0b2");
    packet.extend_from_slice(b"Gallia est omnis divisa in partes tres");
    // Other packets may lie before it.
    packet.splice(0..0, [7; 5]);
    transform.protect_rtp(&mut packet, 5, 17, 0x5501_a0b2, 0xf17b).unwrap();
    let expected = "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833\
                    899d7f27beb16a9152cf765ee4390cce";
    assert_eq!(packet[5..], hex(expected));
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
