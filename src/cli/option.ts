/** How an option of the command line is written, what it means, and what it takes. */

import * as z from 'zod';

/** One option of the command line: how it is written, what it means, and what it takes. */
export interface Option<S extends z.ZodType = z.ZodType> {
  /** As commander reads it; `<value>` for what takes one. */
  readonly flags: string;
  readonly text: string;
  /** From the string on the command line (or true for a switch, undefined where it is absent) to the value. */
  readonly schema: S;
  /** Whether it may be given several times: its values are joined by commas. */
  readonly repeats?: true;
}

export function option<S extends z.ZodType>(flags: string, text: string, schema: S): Option<S> {
  return { flags, text, schema };
}

export function list(flags: string, text: string): Option<z.ZodOptional<z.ZodString>> {
  return { ...option(flags, text, z.string().min(1, 'a value is expected').optional()), repeats: true };
}

export const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d+$/, 'a whole number is expected')
    .transform(Number)
    .refine((value) => value >= low && value <= high, `a whole number from ${low} to ${high} is expected`);
export const fraction = z
  .string()
  .transform((text) => (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : text === '' ? Number.NaN : Number(text)))
  .refine((value) => value > 0 && value < 1, 'a fraction is expected, such as 0.9 or 90%');
export const amount = (most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?%?$/, 'a number is expected')
    .transform((text) => Number(text.replace('%', '')))
    .refine((value) => value <= most, `a number from 0 to ${most} is expected`)
    .optional();
export const percentage = amount(100);
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(s|m)?$/, 'a time is expected, such as 10s or 2m')
  .transform((text) => Number.parseFloat(text) * (text.endsWith('m') ? 60 : 1))
  .refine((seconds) => seconds > 0, 'a time is expected, such as 10s or 2m');
export const byteSize = z
  .string()
  .regex(/^\d+(\.\d+)?\s*[kMG]?B$/i, 'a size is expected, such as 500MB or 2GB')
  .transform((text) => {
    const unit = text.replace(/[\d.\s]/g, '').toUpperCase();
    return Math.round(Number.parseFloat(text) * ({ B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1));
  })
  .refine((value) => value >= 1e6, 'at least 1MB is needed');
export const flag = z.literal(true).optional().transform(Boolean);
export const text = z.string().min(1, 'a value is expected');
