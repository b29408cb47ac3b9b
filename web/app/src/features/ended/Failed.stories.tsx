import type { Failure } from '../../errors/failure';
import { aDiagnosis } from '../../../stories/diagnosis';
import { press, type Stories, type Story } from '../../../stories/story';
import { t } from '../../strings';
import { Failed } from './Failed';

const failure = (code: string): Failure => ({
  code,
  message: 'the media server does not answer in time',
  status: 503,
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
});

const story = (code: string): Story => ({
  render: () => <Failed failure={failure(code)} room="quiet-amber-otter" onCure={() => undefined} />,
});

export default {
  ...Object.fromEntries(Object.keys(t.failures).map((code) => [code, story(code)])),
  mediaFailedExplained: {
    render: () => (
      <Failed
        failure={{ ...failure('media_failed'), diagnosis: aDiagnosis('no_reply', 'meet.example', ['203.0.113.7']) }}
        room="quiet-amber-otter"
        onCure={() => undefined}
      />
    ),
    act: press(t.details.show),
  },
  details: { ...story('media_failed'), act: press(t.details.show), ultrawide: true },
} satisfies Stories;
