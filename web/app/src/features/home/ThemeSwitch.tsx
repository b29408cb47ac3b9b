import { useTheme } from '../../app/theme';
import { t } from '../../strings';

/** Changes between light and dark. */
export function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  const toDark = theme === 'light';
  return (
    <button
      type="button"
      aria-label={toDark ? t.theme.switchToDark : t.theme.switchToLight}
      onClick={() => setTheme(toDark ? 'dark' : 'light')}
      className="min-h-11 rounded-label px-2 text-sm text-muted hover:text-text"
    >
      {toDark ? t.theme.toDark : t.theme.toLight}
    </button>
  );
}
