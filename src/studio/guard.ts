/** Who may speak to a server on this computer: not other sites in the same browser, whatever name they give it. */

/** What of a request says who asks. */
export interface Asking {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and pages cannot forge. */
  readonly site: string | undefined;
  /** What the request has for a token. */
  readonly token: string | undefined;
}

/**
 * Why a request is refused; undefined where it is not. A name that was pointed at this computer (DNS rebinding) is not among
 * the hosts; a page of another site has another origin; and nobody else knows the token.
 * @param hosts that the server answers as, with ports
 */
export function refusal(asking: Asking, hosts: ReadonlySet<string>, token: string): string | undefined {
  if (asking.host === undefined || !hosts.has(asking.host.toLowerCase()))
    return 'this server does not answer under that name';
  if (asking.origin !== undefined && asking.origin !== `http://${asking.host}`) return 'another site may not ask';
  if (asking.site !== undefined && asking.site !== 'same-origin' && asking.site !== 'none')
    return 'another site may not ask';
  return isEqual(asking.token ?? '', token)
    ? undefined
    : 'the token is missing or wrong: open the address that the command printed';
}

/** Takes as long for every wrong text of the same length. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}
