/** A code that a phone reads, to take photos with its camera. */

import { useEffect, useState } from 'preact/hooks';
import { renderSVG } from 'uqr';
import { Dialog } from '../ui/Keys.tsx';
import type { App } from './app.web.ts';
import { say } from './texts.ts';

/** A button that shows the code, where a phone can reach this project. */
export function Phone({ app }: { readonly app: App }) {
  const [address, setAddress] = useState<string>();
  const [isOpen, open] = useState(false);
  useEffect(() => {
    void app.do(async () => setAddress(await app.engine.phone()));
  }, []);
  if (address === undefined) return null;
  return (
    <>
      <button type="button" class="small" onClick={() => open(true)}>
        {say('phone')}
      </button>
      {isOpen && (
        <Dialog title={say('phone')} onClose={() => open(false)}>
          <p>{say('phoneHow')}</p>
          <div class="code" role="img" aria-label={address} dangerouslySetInnerHTML={{ __html: renderSVG(address) }} />
          <p class="path">{address}</p>
        </Dialog>
      )}
    </>
  );
}
