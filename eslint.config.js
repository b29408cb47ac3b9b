import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['target/', 'crates/', 'docs/', '**/dist/', '**/gen/', '**/test-results/', '**/playwright-report/']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['web/app/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat['recommended-latest'], jsxA11y.flatConfigs.strict],
    languageOptions: { globals: globals.browser },
  },
  {
    // The rings of the web part: app → client → protocol.
    files: ['web/packages/protocol/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@videoroom/*'] }] },
  },
  {
    files: ['web/packages/client/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['@videoroom/app', '@videoroom/e2e', 'react', 'react-dom'] }],
    },
  },
  {
    files: ['web/app/**/*.{ts,tsx}'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@videoroom/protocol', '@videoroom/e2e'] }] },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: globals.node },
  },
);
