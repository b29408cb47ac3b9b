import { Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Person } from '../../call/people';
import type { Devices } from '../../devices/devices';
import { t } from '../../strings';
import { Button } from '../../ui/Button';
import { keepPlaying, whenShown } from '../../ui/playing';
import { useStore } from '../../ui/store';

interface SoundsProps {
  readonly people: readonly Person[];
  readonly devices: Devices;
}

/**
 * Plays what others say: one element in the document per track, and no audio graph, so that the browser's echo
 * cancellation works. Where the browser keeps sound off until a click, it says so with a button.
 */
export function Sounds({ people, devices }: SoundsProps) {
  const container = useRef<HTMLDivElement>(null);
  const [blocked, setBlocked] = useState(false);
  const speaker = useStore(devices).chosen.speaker?.id ?? '';

  const turnOn = () => {
    const elements = container.current?.querySelectorAll('audio') ?? [];
    const playing = Array.from(elements, (element) => element.play());
    Promise.all(playing).then(
      () => setBlocked(false),
      () => setBlocked(true),
    );
  };

  return (
    <>
      <div ref={container} hidden>
        {people.flatMap((person) =>
          person.sounds.map((sound) => (
            <SoundElement
              key={sound.trackId}
              stream={sound.stream}
              speaker={speaker}
              onBlocked={() => setBlocked(true)}
              onSpeakerFailed={() => devices.speakerFailed()}
            />
          )),
        )}
      </div>
      {blocked && <SoundBlocked onTurnOn={turnOn} />}
    </>
  );
}

/** The browser waits for a click before anything is heard. */
export function SoundBlocked({ onTurnOn }: { readonly onTurnOn: () => void }) {
  return (
    <div
      role="alert"
      className="fixed inset-x-0 bottom-24 z-20 mx-auto flex w-fit max-w-[calc(100%-32px)] items-center gap-x-4 gap-y-2.5 rounded-tile border border-line bg-surface py-3 pr-3 pl-5 shadow-card narrow:flex-col narrow:px-4"
    >
      <p className="text-sm">{t.room.soundBlocked}</p>
      <Button look="primary" onClick={onTurnOn} className="shrink-0">
        <Volume2 size={18} strokeWidth={1.9} aria-hidden />
        {t.room.turnOnSound}
      </Button>
    </div>
  );
}

interface SoundElementProps {
  readonly stream: MediaStream;
  readonly speaker: string;
  readonly onBlocked: () => void;
  readonly onSpeakerFailed: () => void;
}

function SoundElement({ stream, speaker, onBlocked, onSpeakerFailed }: SoundElementProps) {
  const audio = useRef<HTMLAudioElement>(null);

  useEffect(() => {
    const element = audio.current;
    return element ? keepPlaying({ element, stream, onBlocked, onShown: whenShown }) : undefined;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only a new stream starts it again; the callback always does the same
  }, [stream]);

  useEffect(() => {
    const element = audio.current;
    if (!element || !('setSinkId' in element) || element.sinkId === speaker) return;
    element.setSinkId(speaker).catch(onSpeakerFailed);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- as above
  }, [speaker]);

  // eslint-disable-next-line jsx-a11y/media-has-caption -- people speaking; captions come with transcription
  return <audio ref={audio} autoPlay />;
}
