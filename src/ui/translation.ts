/** All that a page says in a language other than English. */

/** A text; where it depends on a number, its forms for one and for others. `{name}` is replaced by what is given. */
export type Text = string | readonly [one: string, other: string];

export type Table = Readonly<Record<string, Text>>;

/** A table in another language. Without one of the texts it does not compile. */
export type Translated<English extends Table> = {
  readonly [Name in keyof English]: English[Name] extends string ? string : Text;
};

export interface Translation {
  /** Tables of texts, by the names that `texts` gave them. */
  readonly tables: Readonly<Record<string, Table>>;
}
