/** A code that a phone reads, to take photos with its camera. */

import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../ui/Keys.tsx';
import type { App } from './app.web.ts';
import { say } from './texts.ts';

/** A button that shows the code, where a phone can reach this project. */
export function Phone({ app }: { readonly app: App }) {
  const [address, setAddress] = useState<string>();
  const [code, setCode] = useState<string>();
  useEffect(() => {
    void app.do(async () => setAddress(await app.engine.phone()));
  }, []);
  if (address === undefined) return null;
  // It is seldom shown, so that the page does not carry it.
  const show = () => app.do(async () => setCode((await import('./code.ts')).renderSVG(address)));
  return (
    <>
      <button type="button" class="small" onClick={() => void show()}>
        {say('phone')}
      </button>
      {code !== undefined && (
        <Dialog title={say('phone')} onClose={() => setCode(undefined)}>
          <p>{say('phoneHow')}</p>
          <div class="code" role="img" aria-label={address} dangerouslySetInnerHTML={{ __html: code }} />
          <p class="path">{address}</p>
        </Dialog>
      )}
    </>
  );
}
