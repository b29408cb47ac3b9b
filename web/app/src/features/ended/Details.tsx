import { Button } from '../../ui/Button';
import { t } from '../../strings';
import { useCopy } from '../../ui/useCopy';

interface DetailsProps {
  readonly id: string;
  readonly text: string;
}

/** Technical facts to send to whoever runs the server. */
export function Details({ id, text }: DetailsProps) {
  const { copied, copy } = useCopy();
  return (
    <div id={id} className="mt-4 rounded-control border border-line bg-surface p-4">
      <pre className="font-mono text-[13px] leading-5 break-words whitespace-pre-wrap text-muted">{text}</pre>
      <Button className="mt-3" onClick={() => void copy(text)}>
        {copied ? t.details.copied : t.details.copy}
      </Button>
    </div>
  );
}
