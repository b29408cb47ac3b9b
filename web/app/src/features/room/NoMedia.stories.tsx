import { aDiagnosis } from '../../../stories/diagnosis';
import { fakePeople, fakeSession } from '../../../stories/fakes';
import { press, type Stories, type Story } from '../../../stories/story';
import { t } from '../../strings';
import { Room } from './Room';

/** What the client finds out; nothing yet without an argument. */
const story = (...facts: Parameters<typeof aDiagnosis> | []): Story => ({
  theme: 'dark',
  render: async () => {
    const session = await fakeSession();
    session.call.diagnose = () =>
      facts.length === 0 ? new Promise(() => undefined) : Promise.resolve(aDiagnosis(...facts));
    return <Room session={session} people={fakePeople()} since={Date.now() - 9_000} link="blocked" />;
  },
});

export default {
  looking: story(),
  containerAddress: { ...story('private_address', 'meet.example', ['172.17.0.2']), ultrawide: true },
  privateAddress: story('private_address', 'meet.example', ['192.168.1.5', 'fd00::5']),
  otherNetwork: story('private_address', '10.8.0.1:8080', ['192.168.1.5']),
  serverFirewall: story('no_reply', '192.168.1.5:8080', ['192.168.1.5']),
  networkBlocks: story('no_reply', 'meet.example', ['203.0.113.7', '2001:db8::7']),
  noServerAddress: story('no_server_address', 'meet.example', []),
  noLocalAddress: story('no_local_address', 'meet.example', ['203.0.113.7']),
  handshake: story('handshake', 'meet.example', ['203.0.113.7']),
  unknown: story(null, 'meet.example', ['203.0.113.7']),
  trying: { ...story('no_reply', 'meet.example', ['203.0.113.7']), act: press(t.actions.tryAgain) },
  details: { ...story('no_reply', 'meet.example', ['203.0.113.7']), act: press(t.details.show) },
} satisfies Stories;
