/** How often intervals of 95% must hold the truth in so many draws: 95%, less three standard errors. */
export function leastHeld(draws: number): number {
  return 0.95 - 3 * Math.sqrt((0.95 * 0.05) / draws);
}
