import { t } from '../../strings';
import { Dialog } from '../../ui/Dialog';
import { useStore } from '../../ui/store';
import { SHORTCUT_KEYS, type ShortcutAction } from './shortcuts';
import { setSingleKeys, singleKeys } from './singleKeys';

interface ShortcutsDialogProps {
  /** What can be done here. */
  readonly actions: readonly ShortcutAction[];
  readonly onClose: () => void;
}

/** The keys of the room, and the switch that turns them off. */
export function ShortcutsDialog({ actions, onClose }: ShortcutsDialogProps) {
  const on = useStore(singleKeys);
  return (
    <Dialog title={t.shortcuts.title} onClose={onClose}>
      <dl className="flex flex-col text-sm">
        {actions.map((action) => (
          <Row key={action} keyName={SHORTCUT_KEYS[action].toUpperCase()} text={t.shortcuts.actions[action]} />
        ))}
        <Row keyName={t.shortcuts.space} text={t.shortcuts.talk} />
        <Row keyName="← →" text={t.shortcuts.bar} />
        <Row keyName="Esc" text={t.shortcuts.escape} />
      </dl>
      <label className="flex min-h-11 items-center gap-3 border-t border-line pt-3 text-sm">
        <input
          type="checkbox"
          className="size-5 accent-accent"
          checked={on}
          onChange={({ target }) => setSingleKeys(target.checked)}
        />
        {t.shortcuts.enabled}
      </label>
    </Dialog>
  );
}

function Row({ keyName, text }: { readonly keyName: string; readonly text: string }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4">
      <dt>{text}</dt>
      <dd className="shrink-0">
        <kbd className="rounded-label border border-line bg-raised px-2 py-0.5 font-sans text-[13px] font-semibold text-muted">
          {keyName}
        </kbd>
      </dd>
    </div>
  );
}
