// Runs before the first paint: what the reader chose, or what the system says.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const chosen = root.dataset.theme;
    const theme = chosen === 'dark' || chosen === 'light' ? chosen : dark.matches ? 'dark' : 'light';
    if (root.dataset.bsTheme !== theme) root.dataset.bsTheme = theme;
  };
  apply();
  dark.addEventListener('change', apply);
  document.addEventListener('mg:look', apply);
})();
