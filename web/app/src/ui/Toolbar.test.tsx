import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { Toolbar } from './Toolbar';

afterEach(cleanup);

const bar = (names: readonly string[]) => (
  <>
    <Toolbar aria-label="Controls">
      {names.map((name) => (
        <button key={name}>{name}</button>
      ))}
    </Toolbar>
    <input aria-label="Elsewhere" />
  </>
);
const focused = () => document.activeElement?.textContent;
const inTabOrder = () =>
  screen.getAllByRole('button').flatMap(({ tabIndex, textContent }) => (tabIndex === 0 ? [textContent] : []));
const press = (key: string, modifiers = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...modifiers });

it('has one stop in the tab order, and arrow keys go around', () => {
  render(bar(['Microphone', 'Camera', 'Leave']));
  expect(inTabOrder()).toEqual(['Microphone']);
  screen.getByText('Microphone').focus();
  const way = ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft', 'Home', 'End', 'ArrowUp'].map((key) => {
    press(key);
    return focused();
  });
  expect(way).toEqual(['Camera', 'Leave', 'Microphone', 'Leave', 'Microphone', 'Leave', 'Leave']);
  expect(inTabOrder()).toEqual(['Leave']);
  press('ArrowLeft', { altKey: true });
  expect(focused(), "the browser's own keys are left alone").toBe('Leave');
});

it('comes back to the button that was left, and finds another one when that is gone', () => {
  const { rerender } = render(bar(['Microphone', 'Camera', 'Leave']));
  screen.getByText('Camera').focus();
  screen.getByLabelText('Elsewhere').focus();
  expect(inTabOrder()).toEqual(['Camera']);
  rerender(bar(['Microphone', 'Leave', 'More']));
  expect(inTabOrder()).toEqual(['Microphone']);
});
