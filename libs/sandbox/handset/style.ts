/** The only stylesheet: in the page itself, because the sandbox serves nothing else and fetches nothing. */
export const STYLE = `
:root { color-scheme: light; font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: #d9dee7; color: #18202c; display: grid; justify-items: center; padding: 24px 12px; }
main { width: 390px; max-width: 100%; background: #eef1f6; border: 10px solid #11151c; border-radius: 44px; overflow: hidden;
  min-height: 780px; box-shadow: 0 18px 50px rgb(20 30 50 / 35%); }
header { background: #11151c; color: #fff; padding: 10px 22px 16px; }
header h1 { font-size: 17px; margin: 4px 0 0; font-weight: 600; overflow-wrap: anywhere; }
header a, header p { color: #aeb8c8; font-size: 13px; margin: 0; text-decoration: none; }
ol { list-style: none; margin: 0; padding: 14px 12px 28px; display: grid; gap: 12px; }
article { border-radius: 16px; padding: 12px 14px; font-size: 15px; line-height: 1.4; overflow-wrap: anywhere; }
article h2 { font-size: 15px; margin: 0 0 2px; }
article p { margin: 0; white-space: pre-wrap; }
.from { font-size: 12px; color: #586376; display: flex; justify-content: space-between; gap: 8px; margin-bottom: 6px; }
.push { background: #fff; box-shadow: 0 1px 4px rgb(20 30 50 / 18%); }
.whatsapp { background: #e7ffdb; border-top-left-radius: 4px; margin-right: 36px; }
.sms { background: #fff; border: 1px solid #d5dbe5; border-top-left-radius: 4px; margin-right: 36px; }
.acts { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
form { display: contents; }
button { font: inherit; font-size: 14px; border: 1px solid #b9c3d2; background: #fff; color: #0b5c9e; border-radius: 999px;
  padding: 7px 14px; cursor: pointer; min-height: 36px; }
button.main { background: #0b6b3a; border-color: #0b6b3a; color: #fff; font-weight: 600; }
button:focus-visible, a:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px; }
.done { color: #0b5c9e; }
.empty { text-align: center; color: #586376; padding: 80px 24px; }
li a.customer { display: flex; justify-content: space-between; background: #fff; border-radius: 14px; padding: 14px 16px; color: inherit;
  text-decoration: none; gap: 10px; overflow-wrap: anywhere; }
li a.customer b { background: #0b6b3a; color: #fff; border-radius: 999px; padding: 1px 10px; font-size: 13px; align-self: center; }
`;

/** Looks for news every second and changes the page only when there are some, so that a tap is never lost to a reload. */
export const REFRESH = `
let seen = Number(document.body.dataset.seq);
const look = async () => {
  try {
    const news = await fetch('/sandbox/ledger?limit=1&wait=20000&after=' + seen);
    if (news.ok && (await news.json()).last > seen) return await redraw();
    setTimeout(look, news.ok ? 0 : 2000);
  } catch { setTimeout(look, 2000); }
};
const redraw = async () => {
  const fresh = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
  document.querySelector('main').replaceWith(fresh.querySelector('main'));
  seen = Number(fresh.body.dataset.seq);
  setTimeout(look, 500);
};
look();
`;
