import { useEffect, useState } from 'react';
import { browserSecureEdges, findSecureAddress } from '../../session/secureAddress';

/** The secure address of this page; null until it is known to work, and where it is not needed. */
export function useSecureAddress(needed: boolean): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!needed) return undefined;
    let gone = false;
    void findSecureAddress(browserSecureEdges()).then((found) => {
      if (!gone) setAddress(found);
    });
    return () => {
      gone = true;
    };
  }, [needed]);
  return needed ? address : null;
}
