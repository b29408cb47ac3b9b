import type { Stories } from '../../stories/story';
import { t } from '../strings';
import { NoticeList } from './NoticeList';
import { Notices } from './notices';
import { Page } from './Page';

export default {
  full: {
    render: () => {
      const notices = new Notices();
      notices.add(t.shareProblems.denied_by_system);
      notices.add(t.devices.fallback('Headset microphone', 'Microphone of the laptop'));
      notices.add(t.devices.plugged('Conference microphone'), { label: t.devices.use, run: () => undefined });
      return (
        <Page>
          <NoticeList notices={notices} />
        </Page>
      );
    },
  },
} satisfies Stories;
