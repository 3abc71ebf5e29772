/** The camera of an exported page: frame after frame is asked about. */

/** So long, in milliseconds, the page is left free between two frames. */
const pause = 60;

export class Camera {
  #video: HTMLVideoElement | null = null;
  #stream: MediaStream | undefined;

  constructor(
    readonly ask: (frame: ImageBitmap) => Promise<void>,
    readonly onChange: (isFilming: boolean) => void,
  ) {}

  /** The element that shows what is filmed. */
  showOn(video: HTMLVideoElement | null): void {
    this.#video = video;
  }

  /** Whether there is a camera that the page may use. */
  async start(): Promise<boolean> {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      return false;
    }
    this.onChange(true);
    if (this.#video) {
      this.#video.srcObject = this.#stream;
      await this.#video.play();
    }
    void this.#film(this.#stream);
    return true;
  }

  stop(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    if (this.#video) this.#video.srcObject = null;
    this.onChange(false);
  }

  async #film(stream: MediaStream): Promise<void> {
    while (this.#stream === stream && this.#video) {
      if (this.#video.videoWidth > 0) {
        const frame = await createImageBitmap(this.#video);
        await this.ask(frame);
        frame.close();
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
