// What the page says, in the two languages of the phone.

const WORDS = {
  en: {
    wallet: "Wallet", empty: "No cards yet", add: "Add", link: "Link to a .pkpass",
    how: "Open the join page on this computer and press “Add to the simulated phone”, or paste the link to a card.",
    join: "Open the join page", language: "Language of the phone", refresh: "Refresh", token: "New push token",
    offline: "Offline", remove: "Remove", simulator: "Simulated iPhone", behind: "What the phone does",
    notices: "Lock screen", calls: "Requests", complaints: "Complaints to the web service",
    quiet: "Nothing yet.", now: "now", details: "Details", done: "Done", updates: "Automatic updates",
    updated: "Updated", voided: "No longer valid", expired: "Expired", orphaned: "No access any more",
    registered: "Registered", yes: "yes", no: "no", tag: "Change tag", wakeUps: "Wake-ups", served: "Last-Modified",
    issuer: "Signed by", sure: "Remove this card from the phone?", lost: "Unreadable translation", failed: "That did not work.",
    kept: "offline, a push is waiting",
  },
  ru: {
    wallet: "Кошелёк", empty: "Карт пока нет", add: "Добавить", link: "Ссылка на .pkpass",
    how: "Откройте на этом компьютере страницу вступления и нажмите «Добавить в телефон-симулятор» или вставьте ссылку на карту.",
    join: "Открыть страницу вступления", language: "Язык телефона", refresh: "Обновить", token: "Новый push-токен",
    offline: "Без сети", remove: "Удалить", simulator: "Симулятор iPhone", behind: "Что делает телефон",
    notices: "Экран блокировки", calls: "Запросы", complaints: "Жалобы веб-сервису",
    quiet: "Пока ничего.", now: "сейчас", details: "Подробнее", done: "Готово", updates: "Автообновление",
    updated: "Обновлено", voided: "Больше не действует", expired: "Срок истёк", orphaned: "Доступа больше нет",
    registered: "Зарегистрирована", yes: "да", no: "нет", tag: "Метка изменений", wakeUps: "Пробуждений", served: "Last-Modified",
    issuer: "Подписал", sure: "Удалить карту с телефона?", lost: "Перевод не читается", failed: "Не получилось.",
    kept: "без сети, ждёт push",
  },
};

let language = "en";

export function speak(chosen) {
  language = chosen in WORDS ? chosen : "en";
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of document.querySelectorAll("[data-hint]")) {
    one.placeholder = word(one.dataset.hint);
    one.setAttribute("aria-label", word(one.dataset.hint));
  }
}

export const word = (name) => WORDS[language][name];

export const clock = (moment) =>
  new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const day = (moment) =>
  new Date(moment).toLocaleString(language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
