const SOCKET_PATH = 'socket/peer/websocket';

/**
 * The web socket's address from what the application was given: a complete one stays, a base gets the path.
 *
 * @throws TypeError when it is no URL
 */
export function socketUrl(base: string): string {
  const url = new URL(base);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (!url.pathname.endsWith(`/${SOCKET_PATH}`)) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${SOCKET_PATH}`;
  }
  return url.href;
}
