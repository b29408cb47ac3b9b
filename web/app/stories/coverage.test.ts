import { expect, it } from 'vitest';

/** Components whose states are stories of another one, of which they are a part. */
const PART_OF: Readonly<Record<string, string>> = {
  'features/devices/DeviceSelect': 'features/prejoin/PreJoin',
  'features/devices/DeviceSelects': 'features/prejoin/PreJoin',
  'features/devices/DeviceStatusLine': 'features/prejoin/PreJoin',
  'features/devices/DeviceToggle': 'features/prejoin/PreJoin',
  'features/devices/FlipButton': 'features/room/Room',
  'features/ended/Details': 'features/ended/Failed',
  'features/ended/Ended': 'features/ended/Failed',
  'features/home/ThemeSwitch': 'features/home/Home',
  'features/prejoin/Preview': 'features/prejoin/PreJoin',
  'features/prejoin/RoomChip': 'features/prejoin/PreJoin',
  'features/room/AloneCard': 'features/room/Room',
  'features/room/Bar': 'features/room/Room',
  'features/room/CopyLinkButton': 'features/room/Room',
  'features/room/MorePanel': 'features/room/Room',
  'features/room/Pager': 'features/room/Room',
  'features/room/Panel': 'features/room/Room',
  'features/room/PeoplePanel': 'features/room/Room',
  'features/room/Placed': 'features/room/Room',
  'features/room/ShareButton': 'features/room/Room',
  'features/room/ShareOptions': 'features/room/Room',
  'features/room/ShareTile': 'features/room/Room',
  'features/room/Stage': 'features/room/Room',
  'features/room/TopLine': 'features/room/Room',
  'ui/Dialog': 'features/room/ShortcutsDialog',
  'ui/LiveRegion': 'ui/NoticeList',
  'ui/Page': 'ui/NoticeList',
  'ui/Roving': 'features/room/Room',
  'ui/Toolbar': 'features/room/Room',
  'ui/VideoView': 'features/room/Room',
};

const paths = Object.keys(import.meta.glob(['../src/features/**/*.tsx', '../src/ui/*.tsx']));
const named = (pattern: RegExp) =>
  paths.filter((path) => pattern.test(path)).map((path) => path.replace('../src/', '').replace(pattern, ''));
const told = named(/\.stories\.tsx$/);

it.each(named(/(?<!\.test|\.stories)\.tsx$/))('%s has its states drawn', (component) => {
  expect(told).toContain(PART_OF[component] ?? component);
});

it('names no part that is gone', () => {
  expect(paths).toEqual(expect.arrayContaining(Object.keys(PART_OF).map((part) => `../src/${part}.tsx`)));
});
