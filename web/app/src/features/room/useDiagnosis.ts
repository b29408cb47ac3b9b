import type { Diagnosis } from '@videoroom/client';
import { useEffect, useState } from 'react';
import type { Call } from '../../call/call';

/** The browser's counters move on while it tries. */
const REFRESH_MS = 2_000;

/** What was tried so far, followed as it changes; null until it is known. */
export function useDiagnosis(call: Pick<Call, 'diagnose'>): Diagnosis | null {
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null);
  useEffect(() => {
    let gone = false;
    const look = async () => {
      const found = await call.diagnose();
      if (!gone && found) setDiagnosis(found);
    };
    void look();
    const timer = setInterval(() => void look(), REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [call]);
  return diagnosis;
}
