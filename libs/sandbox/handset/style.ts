/** The only stylesheet: in the page itself, because the sandbox serves nothing else and fetches nothing. */
export const STYLE = `
:root { color-scheme: light dark; font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  --desk: #d9dee7; --case: #11151c; --screen: #eef1f6; --text: #18202c; --quiet: #586376; --card: #fff; --line: #d5dbe5;
  --chat: #e7ffdb; --chat-line: #c3e8b0; --said: #d5ecff; --link: #0b5c9e; --main: #0b6b3a; --on-main: #fff; }
@media (prefers-color-scheme: dark) { :root {
  --desk: #2a303a; --case: #05070a; --screen: #12161d; --text: #e8ecf2; --quiet: #a3afc0; --card: #222833; --line: #39424f;
  --chat: #0f3d2e; --chat-line: #2a6350; --said: #163a5c; --link: #8cc7ff; --main: #187a47; --on-main: #fff; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--desk); color: var(--text); display: grid; grid-template-columns: minmax(0, 1fr); justify-items: center; padding: 24px 12px; }
main { width: 390px; max-width: 100%; min-height: 780px; display: flex; flex-direction: column; overflow: hidden;
  background: var(--case); border: 10px solid var(--case); border-radius: 44px; box-shadow: 0 18px 50px rgb(10 20 40 / 35%); }
header { color: #fff; padding: 10px 22px 16px; }
header h1 { font-size: 17px; margin: 4px 0 0; font-weight: 600; overflow-wrap: anywhere; }
header a, header p { color: #aeb8c8; font-size: 13px; margin: 0; text-decoration: none; }
ol, .empty { flex: 1; background: var(--screen); border-radius: 4px 4px 34px 34px; margin: 0; }
ol { list-style: none; padding: 14px 12px 28px; display: grid; gap: 14px; align-content: start; }
article { border-radius: 16px; padding: 10px 14px 12px; font-size: 15px; line-height: 1.45; overflow-wrap: anywhere; color: var(--text); }
article h2 { font-size: 15px; margin: 0 0 2px; }
article p { margin: 0; white-space: pre-wrap; }
article .small { font-size: 13px; color: var(--quiet); margin-top: 4px; }
.from { font-size: 12px; color: var(--quiet); display: flex; justify-content: space-between; gap: 8px; margin-bottom: 4px; }
.from time { white-space: nowrap; }
.push { background: var(--card); box-shadow: 0 1px 4px rgb(10 20 40 / 18%); }
.whatsapp { background: var(--chat); border-top-left-radius: 4px; margin-right: 14px; }
.sms { background: var(--card); border: 1px solid var(--line); border-top-left-radius: 4px; margin-right: 14px; }
.said { background: var(--said); border-top-right-radius: 4px; width: fit-content; margin: 8px 0 0 auto; padding: 8px 14px; }
.link { color: var(--link); }
.tap { border-top: 1px solid var(--chat-line); margin: 10px -14px -12px; }
.tap button { width: 100%; min-height: 44px; border: 0; background: none; color: var(--link); font-size: 15px; font-weight: 600; border-radius: 0 0 16px 16px; }
.acts { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; align-items: center; font-size: 13px; color: var(--quiet); }
form { display: contents; }
button { font: inherit; font-size: 14px; border: 1px solid var(--line); background: var(--card); color: var(--link); border-radius: 999px;
  padding: 7px 14px; cursor: pointer; min-height: 36px; max-width: 100%; overflow-wrap: anywhere; }
button.main { background: var(--main); border-color: var(--main); color: var(--on-main); font-weight: 600; }
button:focus-visible, a:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px; }
.empty { text-align: center; color: var(--quiet); padding: 80px 24px; }
li a.customer { display: flex; justify-content: space-between; background: var(--card); border-radius: 14px; padding: 11px 16px; color: inherit;
  text-decoration: none; gap: 10px; overflow-wrap: anywhere; }
li a.customer small { display: block; color: var(--quiet); font-size: 13px; }
li a.customer b { background: var(--main); color: var(--on-main); border-radius: 999px; padding: 1px 10px; font-size: 13px; align-self: center; }
/* On a real phone the frame is the phone itself. */
@media (max-width: 480px) {
  body { padding: 0; }
  main { width: 100%; min-height: 100vh; border: 0; border-radius: 0; box-shadow: none; }
  ol, .empty { border-radius: 0; }
}
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
