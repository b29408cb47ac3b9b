import { avatarColor, initials } from '../session/personName';

/** Initials on a person's own colour; grows with its container. */
export function Avatar({ id, name }: { readonly id: string; readonly name: string }) {
  return (
    <span
      aria-hidden
      style={{ backgroundColor: avatarColor(id) }}
      className="flex size-[clamp(28px,34cqmin,112px)] items-center justify-center rounded-full text-[clamp(12px,14.5cqmin,46px)] leading-none font-semibold text-white"
    >
      {initials(name)}
    </span>
  );
}
