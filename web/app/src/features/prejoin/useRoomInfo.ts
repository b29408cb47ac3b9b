import { useQuery } from '@tanstack/react-query';
import { roomInfo, type RoomInfo } from '../../api/rooms';

/** People come and go while somebody looks at the mirror. */
const REFRESH_MS = 4_000;

/** Who is in a room; null until it is known. */
export function useRoomInfo(room: string): RoomInfo | null {
  const { data } = useQuery({
    queryKey: ['room', room],
    queryFn: ({ signal }) => roomInfo(room, signal),
    refetchInterval: REFRESH_MS,
    // Only a hint: when it cannot be had, joining says why.
    retry: false,
  });
  return data ?? null;
}
