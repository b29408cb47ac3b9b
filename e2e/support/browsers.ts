import { fileURLToPath } from 'node:url';
import type { LaunchOptions } from '@playwright/test';

/**
 * Where media flows. Inside `netns.sh` this is an address that browsers treat like any network's; without it, media
 * stays on loopback, and browsers have to be told that loopback is allowed.
 */
export const mediaAddress = process.env['E2E_MEDIA_ADDRESS'] ?? '127.0.0.1';
const overLoopback = mediaAddress === '127.0.0.1';

/** Chromium as people run it, with a camera and microphone that exist everywhere. */
export const chromiumLaunch: LaunchOptions = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    ...(overLoopback ? ['--allow-loopback-in-peer-connection'] : []),
  ],
};

/** The name under which the strict browser knows this machine: no secure context without HTTPS, as in a LAN. */
export const PLAIN_HOST = 'meeting.test';

/** Chromium that grants nothing by itself, keeps sounds off until a click, and knows {@link PLAIN_HOST}. */
export const strictChromiumLaunch: LaunchOptions = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--use-fake-device-for-media-stream',
    // What a browser with a window does by itself.
    '--autoplay-policy=document-user-activation-required',
    `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
    // Without permission, addresses are hidden behind names that loopback does not resolve.
    ...(overLoopback
      ? ['--allow-loopback-in-peer-connection', '--webrtc-ip-handling-policy=default_public_and_private_interfaces']
      : []),
  ],
};

/** Chromium on a host of `nat.sh`, whose user has clicked the warning of a self-signed certificate away. */
export function chromiumLaunchAt(host: 'MACHINE' | 'OUTSIDE'): LaunchOptions {
  return {
    executablePath: fileURLToPath(new URL('../nat/chromium.sh', import.meta.url)),
    env: { ...process.env, AT: process.env[host] ?? '' },
    args: [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--ignore-certificate-errors',
      '--host-resolver-rules=MAP meet.example.org 198.51.100.1, MAP rented.example.org 198.51.100.3',
    ],
  };
}

/** Firefox of the distribution, driven over WebDriver BiDi (`channel: 'moz-firefox'`). */
export const firefoxLaunch: LaunchOptions = {
  executablePath: process.env['FIREFOX'] ?? '/usr/bin/firefox-esr',
  firefoxUserPrefs: {
    'media.navigator.streams.fake': true,
    // Granted, not merely unprompted: without the permission only the default route's address is gathered.
    'permissions.default.camera': 1,
    'permissions.default.microphone': 1,
    'media.autoplay.default': 0,
    // Without a sound card an AudioContext never starts otherwise.
    'media.cubeb.force_mock_context': true,
    ...(overLoopback ? { 'media.peerconnection.ice.loopback': true } : {}),
  },
};
