/** Every text of the page, in English. Another language is another object of the same type. */
export const en = {
  product: 'Videoroom',
  home: {
    title: 'Meet, without an account.',
    lead: 'Name a room and share its link. Whoever opens it is in.',
    roomName: 'Room name',
    shuffle: 'Suggest another name',
    continue: 'Continue',
    promise: 'Sound and picture travel encrypted to this server only. No third parties.',
  },
  roomNameFaults: {
    empty: 'Type a name for the room.',
    too_long: 'Room names have at most 64 characters.',
    characters: 'Use letters, digits, spaces, dashes, dots and underscores.',
    dots: 'This name does not fit into a link. Add a letter.',
  },
  theme: { toDark: 'Dark', toLight: 'Light', switchToDark: 'Dark theme', switchToLight: 'Light theme' },
  prejoin: {
    title: 'Ready to join?',
    yourName: 'Your name',
    join: 'Join',
    joining: 'Joining…',
    copyRoomLink: (room: string) => `${room}, copy its link`,
    preview: 'Your picture',
    cameraOff: 'Your camera is off',
    noPicture: 'Others see your initials',
    cameraStarting: 'Starting your camera…',
    insideUnknown: 'Looking who is inside…',
    insideNobody: 'Nobody is here yet.',
    insideFull: 'This room is full at the moment.',
    inside: (names: string, count: number) => (count === 1 ? `${names} is in the room.` : `${names} are in the room.`),
    others: (count: number) => (count === 1 ? '1 other' : `${count} others`),
  },
  nameFaults: {
    empty: 'Type your name, so that others know who you are.',
    too_long: 'Names have at most 64 characters.',
  },
  devices: {
    microphone: 'Microphone',
    camera: 'Camera',
    speaker: 'Speaker',
    turnOnMicrophone: 'Turn on microphone',
    turnOffMicrophone: 'Turn off microphone',
    turnOnCamera: 'Turn on camera',
    turnOffCamera: 'Turn off camera',
    switchCamera: 'Use the other camera',
    systemDefault: 'Default',
    unnamed: (kind: string, number: number) => `${kind} ${number}`,
    none: { microphone: 'No microphone', camera: 'No camera' },
    options: 'Devices',
    level: 'Microphone level',
    asking: 'Your browser asks for camera and microphone, so that others can see and hear you.',
    askingCamera: 'Your browser asks for the camera, so that others can see you.',
    askingMicrophone: 'Your browser asks for the microphone, so that others can hear you.',
    allow: 'Choose “Allow”. You can turn them off at any time.',
    starting: 'Camera and microphone are starting…',
    bothWork: 'Camera and microphone work.',
    cameraWorks: 'Camera works, microphone is off.',
    microphoneWorks: 'Microphone works, camera is off.',
    bothOff: 'You join without sound and picture. You can turn them on at any time.',
    speak: 'Say something: the bar moves.',
    joinMeanwhile: 'You can also join first and allow them later.',
    joinAnyway: 'You can join anyway, and turn on later what is missing.',
    joinListening: 'You can join anyway, see and hear the others.',
    tryAgain: 'Try again',
    turnOnAgain: 'Turn on again',
    openSecure: 'Open the secure address',
    use: 'Use it',
    useNamed: (name: string) => `Use ${name}`,
    fallback: (wanted: string, used: string) => `${wanted} is not connected. Using ${used}.`,
    switched: (lost: string, used: string) => `${lost} was disconnected. Using ${used} now.`,
    choiceFailed: (wanted: string, used: string) =>
      `${wanted} does not start, maybe because another program uses it. Using ${used} as before.`,
    otherCamera: 'The other camera',
    plugged: (name: string) => `${name} is connected.`,
    speakerGone: 'The chosen speaker is not connected. Sound comes from the system’s speaker.',
  },
  deviceProblems: {
    denied: {
      both: 'Camera and microphone are blocked. Allow them at the sign left of the address, then try again.',
      camera: 'The camera is blocked. Allow it at the sign left of the address, then try again.',
      microphone: 'The microphone is blocked. Allow it at the sign left of the address, then try again.',
    },
    denied_by_system: {
      both: 'Your system keeps camera and microphone from the browser. Allow them in the system’s privacy settings, then try again.',
      camera:
        'Your system keeps the camera from the browser. Allow it in the system’s privacy settings, then try again.',
      microphone:
        'Your system keeps the microphone from the browser. Allow it in the system’s privacy settings, then try again.',
    },
    dismissed: {
      both: 'The question about camera and microphone was closed. Try again and choose “Allow”.',
      camera: 'The question about the camera was closed. Try again and choose “Allow”.',
      microphone: 'The question about the microphone was closed. Try again and choose “Allow”.',
    },
    busy: {
      both: 'Another program uses camera and microphone. Close it, then try again.',
      camera: 'Another program uses the camera. Close it, then try again.',
      microphone: 'Another program uses the microphone. Close it, then try again.',
    },
    missing: {
      both: 'No camera or microphone is connected. Plug one in, or join and just listen.',
      camera: 'No camera is connected. Plug one in, or join: others see your initials.',
      microphone: 'No microphone is connected. Plug one in, or join and just listen.',
    },
    unplugged: {
      both: 'Camera and microphone were disconnected. Plug them in again, or choose others.',
      camera: 'The camera was disconnected. Plug it in again, or choose another one.',
      microphone: 'The microphone was disconnected. Plug it in again, or choose another one.',
    },
    ended: {
      both: 'Another program or the system took camera and microphone. Turn them on again when it is done.',
      camera: 'Another program or the system took the camera. Turn it on again when it is done.',
      microphone: 'Another program or the system took the microphone. Turn it on again when it is done.',
    },
    interrupted: {
      both: 'Your system pauses camera and microphone, as during a phone call. If they do not come back by themselves, turn them on again.',
      camera:
        'Your system pauses the camera, as during a phone call. If it does not come back by itself, turn it on again.',
      microphone:
        'Your system pauses the microphone, as during a phone call. If it does not come back by itself, turn it on again.',
    },
    overconstrained: {
      both: 'Camera and microphone cannot work the way the page needs. Choose other ones.',
      camera: 'The camera cannot deliver a picture that fits. Choose another one.',
      microphone: 'The microphone cannot work the way the page needs. Choose another one.',
    },
    insecure: {
      both: 'Camera and microphone work only at an address that begins with https://. Ask whoever invited you for it.',
      camera: 'The camera works only at an address that begins with https://. Ask whoever invited you for it.',
      microphone: 'The microphone works only at an address that begins with https://. Ask whoever invited you for it.',
    },
    unsupported: {
      both: 'This browser has no access to camera and microphone. A current Chrome, Edge, Firefox or Safari does.',
      camera: 'This browser has no access to the camera. A current Chrome, Edge, Firefox or Safari does.',
      microphone: 'This browser has no access to the microphone. A current Chrome, Edge, Firefox or Safari does.',
    },
    failed: {
      both: 'Camera and microphone did not start. Plug them in again, then try again.',
      camera: 'The camera did not start. Plug it in again, then try again.',
      microphone: 'The microphone did not start. Plug it in again, then try again.',
    },
  },
  /** Instead of the above where the server is known to answer at the secure address. */
  secureKnown: {
    both: 'Camera and microphone work only at the secure address of this page.',
    camera: 'The camera works only at the secure address of this page.',
    microphone: 'The microphone works only at the secure address of this page.',
  },
  shareProblems: {
    denied_by_system:
      'Your system keeps the screen from the browser. Allow screen recording in the system’s privacy settings, then share again.',
    missing: 'There is no screen or window that the browser can share.',
    failed: 'The browser could not capture the screen. Share again, or choose a single window.',
    refused: 'The server did not accept your screen, so nobody sees it. Share again in a moment.',
  },
  room: {
    people: (count: number) => (count === 1 ? '1 person' : `${count} people`),
    peopleTitle: 'In the room',
    stage: 'People in the room',
    controls: 'Controls',
    guest: 'Guest',
    you: 'You',
    selfName: (name: string) => `${name} (you)`,
    microphoneOff: 'microphone off',
    cameraOff: 'camera off',
    away: 'reconnecting',
    frozen: 'picture stopped',
    silent: 'no sound arrives',
    weak: { unsteady: 'unsteady connection', slow: 'slow connection' },
    sharing: (name: string) => `${name} is sharing`,
    youSharing: 'You are sharing',
    share: 'Share your screen',
    stopSharing: 'Stop sharing',
    showLarge: (what: string) => `${what}: show it large`,
    pin: (name: string) => `Pin ${name}`,
    pinThis: 'Pin',
    pinned: 'Pinned',
    fullScreen: 'Full screen',
    endFullScreen: 'End full screen',
    smoothMotion: 'Smooth motion for videos',
    copyLink: 'Copy link',
    copied: 'Link copied',
    copiedInNetwork:
      'Link copied. It works on devices in your network; the address you see here works on this computer only.',
    copyFailed: 'The browser did not allow copying. Mark the link and copy it by hand.',
    linkLabel: 'Link to this room',
    leave: 'Leave',
    more: 'More',
    time: 'Time in the call',
    aloneTitle: 'You are the first one here',
    aloneLead: 'Whoever has this link can join.',
    aloneLeadInNetwork:
      'Whoever is in your network and has this link can join. Browsers warn once: the certificate is this computer’s own.',
    joining: 'Joining…',
    reconnecting: 'Connection lost. Trying again…',
    soundBlocked: 'Your browser keeps sounds off until you click.',
    turnOnSound: 'Turn on sound',
    page: (page: number, pages: number) => `${page} / ${pages}`,
    nextPage: 'Next people',
    previousPage: 'Previous people',
    dismiss: 'Dismiss',
    alsoElsewhere:
      'This room is open in another tab, too. Your microphone starts off here, so that you do not hear yourself.',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    actions: {
      microphone: 'Microphone on or off',
      camera: 'Camera on or off',
      share: 'Share your screen, or stop',
      people: 'Who is in the room',
      fullScreen: 'Full screen on or off',
      help: 'This list',
    },
    space: 'Space',
    talk: 'Talk while you hold it, when muted',
    bar: 'From button to button in the bar, and from picture to picture',
    escape: 'Close what is open',
    enabled: 'Use single keys as shortcuts',
  },
  announce: {
    joined: (names: string) => `${names} joined`,
    left: (names: string) => `${names} left`,
    microphoneOn: 'Microphone on',
    microphoneOff: 'Microphone off',
    cameraOn: 'Camera on',
    cameraOff: 'Camera off',
    reconnecting: 'Connection lost. Trying again',
    back: 'Connected again',
    inRoom: (count: number) => {
      if (count === 0) return 'You are in the room, alone';
      return count === 1 ? 'You are in the room with 1 other' : `You are in the room with ${count} others`;
    },
    shares: (name: string) => `${name} shares the screen`,
    sharesEnded: (name: string) => `${name} stopped sharing`,
    youShare: 'You are sharing your screen',
    youStoppedSharing: 'You stopped sharing',
  },
  noMedia: {
    title: 'Sound and picture do not get through',
    looking: 'Finding out why…',
    goesOn: 'The page goes on trying by itself.',
    trying: 'Trying again…',
    tried: (ways: string) => `Tried ${ways}.`,
    way: (addresses: string, port: number | null, protocol: string) =>
      port === null ? `${addresses} over ${protocol}` : `${addresses}, port ${port}, over ${protocol}`,
    moreAddresses: (count: number) => `${count} more`,
    culprits: {
      container_address:
        'The server names only addresses inside its container, which nobody outside of it can reach. Whoever runs it has to add --announce with its real address.',
      private_address:
        'The server names only private addresses, which nobody outside its network can reach. Whoever runs it has to add --announce with its public address.',
      other_network:
        'The server names only addresses of another network than yours. Join from its network, or ask whoever runs it to add --announce with the address that you use.',
      server_firewall:
        'The server is close by and does not answer there, so most likely its firewall or its container keeps this port closed. Whoever runs the server has to open it.',
      network_blocks:
        'No answer came, although others are in the call, so most likely your network blocks it. A different network, such as your phone’s hotspot, usually works.',
      no_reply:
        'No answer came: your network blocks it, or the server’s firewall does. Try your phone’s hotspot; if that does not help, whoever runs the server has to open this port.',
      no_server_address:
        'The server named no address for sound and picture. Whoever runs it finds out more with “videoroom doctor”.',
      no_local_address:
        'Your browser lets nothing out: an extension, a VPN or a policy may forbid it. Turn that off, or try another browser.',
      handshake:
        'The server answers, but something on the way keeps the encrypted connection from being made. A different network, such as your phone’s hotspot, usually works.',
      unknown: 'Why is not clear. Trying again may help, and the details help whoever runs the server.',
    },
  },
  left: {
    title: 'You left the call',
    text: (room: string) => `The room ${room} stays open while somebody is in it.`,
  },
  actions: {
    joinAgain: 'Join again',
    tryAgain: 'Try again',
    home: 'Go to the start page',
    otherRoom: 'Choose another room',
    changeName: 'Change your name',
    startAgain: 'Open the room again',
    joinHere: 'Join here instead',
    close: 'Close',
  },
  details: {
    show: 'Show details',
    hide: 'Hide details',
    copy: 'Copy details',
    copied: 'Copied',
  },
  failures: {
    room_full: {
      title: 'This room is full',
      text: 'Everybody who fits in is already there. When somebody leaves, there is a place for you.',
    },
    invalid_room_name: {
      title: 'There is no such room name',
      text: 'Room names have up to 64 letters, digits, spaces, dashes, dots and underscores. Maybe the link was cut off.',
    },
    invalid_name: {
      title: 'Your name does not work',
      text: 'Names have 1 to 64 visible characters. Please choose another one.',
    },
    too_many_requests: {
      title: 'Too many joins at once',
      text: 'The server takes a short break because so many people from your network join. Try again in a minute.',
    },
    media_server_unavailable: {
      title: 'Calls do not work at the moment',
      text: 'The page works, but the server that carries sound and picture does not answer. It may be restarting.',
    },
    connection_failed: {
      title: 'The server cannot be reached',
      text: 'Either your internet connection is down or the server is. Check the connection, then try again.',
    },
    media_failed: {
      title: 'Your network blocks the call',
      text: 'The page reached the server, but sound and picture did not get through. A different network, such as your phone’s hotspot, usually works.',
    },
    removed: {
      title: 'You were removed from the call',
      text: 'Somebody who runs this server or the meeting ended your participation.',
    },
    replaced: {
      title: 'You joined somewhere else',
      text: 'The call goes on in another tab or on another device of yours, so it ended here.',
    },
    room_closed: {
      title: 'The meeting was ended',
      text: 'Somebody who runs this server closed the room for everybody.',
    },
    away: {
      title: 'You were away',
      text: 'Your device slept, and the call went on without you.',
    },
    unsupported_browser: {
      title: 'This browser cannot make calls',
      text: 'It lacks what calls need, or an add-on, a setting or the iPhone’s Lockdown Mode keeps it away. A current Chrome, Edge, Firefox or Safari has it.',
    },
    not_found: {
      title: 'There is nothing at this address',
      text: 'The link may be wrong or cut off. Ask for it again, or open a room on the start page.',
    },
    internal: {
      title: 'Something went wrong',
      text: 'This is our fault, not yours. Trying again often helps; the details help those who run this server.',
    },
  },
};

export type Strings = typeof en;
