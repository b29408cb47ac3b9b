import { useEffect, useState } from 'react';
import { formatElapsed } from '../../strings';

/** Time since a moment (milliseconds since 1970), as text that moves on every second. */
export function useElapsed(since: number): string {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return formatElapsed(now - since);
}
