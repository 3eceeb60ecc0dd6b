// Comfort only: every page works without this file.
(function () {
  'use strict';
  var each = function (selector, act) { document.querySelectorAll(selector).forEach(act); };

  // The answer goes on to the panel by itself. A field may be called "submit" and hide the form's own method.
  var post = document.querySelector('main[data-step="form_post"] form');
  if (post) { HTMLFormElement.prototype.submit.call(post); return; }

  // A panel in a frame that never answers must not keep the page: browsers begin to count a refresh when all frames are loaded.
  each('#continue[data-after]', function (link) {
    setTimeout(function () { location.replace(link.href); }, link.dataset.after * 1000);
  });

  // "Show" beside a password. The button is made here, because without script it could do nothing.
  each('.reveal', function (box) {
    var input = box.querySelector('input'), button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-controls', input.id);
    var turn = function (readable) {
      input.type = readable ? 'text' : 'password';
      button.textContent = readable ? box.dataset.hide : box.dataset.show;
      button.setAttribute('aria-label', readable ? box.dataset.hideLabel : box.dataset.showLabel);
    };
    turn(false);
    button.addEventListener('click', function () { turn(input.type === 'password'); input.focus(); });
    // A password left readable would be kept by the browser's form history.
    input.form.addEventListener('submit', function () { turn(false); });
    box.appendChild(button);
    box.classList.add('on');
  });

  // A wait counts down and holds its button until it is over. The end is a point in time: timers sleep in hidden tabs.
  each('[data-countdown]', function (line) {
    var end = Date.now() + line.dataset.countdown * 1000;
    var clock = line.querySelector('.clock'), button = line.closest('form').querySelector('button:not([type=button])');
    line.hidden = false;
    var tick = function () {
      var left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      clock.textContent = [left / 3600, left / 60 % 60, left % 60].slice(left < 3600).map(function (n, i) {
        return String(Math.floor(n)).padStart(i ? 2 : 1, '0');
      }).join(':');
      button.disabled = left > 0;
      if (left > 0) { setTimeout(tick, 500); } else { line.hidden = true; }
    };
    tick();
  });

  // What becomes of a code shows on its page as it does on a reload: the line says it, and when the code fails or stays out too
  // long the next channel moves beside the field. The person goes there or does not; who is typing the code keeps its button.
  each('#delivery', function (line) {
    var field = document.getElementById('otp'), own = document.getElementById('otp-submit'), help = document.getElementById('late-help');
    var place = document.getElementById('other-first'), other = document.getElementById('other'), list = document.getElementById('others');
    if (!field || !place) { return; }
    var state = '', late = false;
    var settle = function () {
      var bad = ['late', 'undelivered', 'unsent'].indexOf(state) >= 0;
      if (state) {
        document.getElementById('lead-well').hidden = bad;
        document.getElementById('lead-late').hidden = !bad;
        if (help) { help.hidden = !bad; }
        if (list && bad) { list.open = true; }
      }
      if (!other) { return; }
      var first = state !== 'delivered' && (bad || late);
      if (first && !place.contains(other) && !other.contains(document.activeElement)) {
        place.append(other);
        if (!list.querySelector('form')) { list.remove(); }
      }
      first = first && place.contains(other) && !field.value;
      own.className = first ? 'second' : 'main';
      other.querySelector('button').className = first ? 'main' : 'second';
    };
    field.addEventListener('input', settle);
    if (place.contains(other)) { late = true; }
    if (line.dataset.otherIn) { setTimeout(function () { late = true; settle(); }, line.dataset.otherIn * 1000); }
    if (!line.dataset.poll) { return; }
    var due = false, end = Date.now() + 10 * 60 * 1000; // no code lasts longer
    var ask = function () {
      due = document.hidden; // nobody looks; asked again when somebody does
      if (due || Date.now() > end) { return; }
      fetch(line.dataset.poll, { headers: { Accept: 'application/json' }, redirect: 'error' }).then(function (answer) {
        return answer.ok ? answer.json() : { again: answer.status === 404 ? 0 : 15 }; // 404: the code is over
      }, function () { return { again: 15 }; }).then(function (told) {
        if (told.state) {
          var says = line.dataset[told.state].replace('00:00', told.clock);
          if (line.textContent !== says) { line.textContent = says; } // or a screen reader would say it each time
          state = told.state;
          settle();
        }
        if (told.again) { setTimeout(ask, told.again * 1000); }
      });
    };
    setTimeout(ask, line.dataset.again * 1000);
    document.addEventListener('visibilitychange', function () { if (due) { ask(); } });
  });

  // Copy, download and print the recovery codes. Without script they are a list on a page, which prints as well.
  each('#recovery-codes', function (list) {
    var tools = document.createElement('div');
    var text = Array.prototype.map.call(list.querySelectorAll('code'), function (code) { return code.textContent; }).join('\n') + '\n';
    var tool = function (label, act) {
      var button = document.createElement('button');
      button.type = 'button';
      button.className = 'second';
      button.textContent = label;
      button.addEventListener('click', function () { act(button); });
      tools.appendChild(button);
    };
    tools.className = 'tools';
    if (navigator.clipboard) {
      tool(list.dataset.copy, function (button) {
        navigator.clipboard.writeText(text).then(function () { button.textContent = list.dataset.copied; });
      });
    }
    tool(list.dataset.download, function () {
      var link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
      link.download = list.dataset.file;
      link.click();
      URL.revokeObjectURL(link.href);
    });
    tool(list.dataset.print, function () { window.print(); });
    list.after(tools);
  });

  // Copy the key, for an app on this very device.
  each('.copied', function (box) {
    if (!navigator.clipboard) { return; }
    var code = box.querySelector('code'), button = document.createElement('button');
    button.type = 'button';
    button.className = 'second copy';
    button.textContent = box.dataset.copy;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(code.textContent.replace(/ /g, '')).then(function () { button.textContent = box.dataset.copied; });
    });
    box.appendChild(button);
  });

  // A second click is no second message and no second try.
  each('form', function (form) {
    form.addEventListener('submit', function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = '1';
      if (event.submitter) { event.submitter.setAttribute('aria-busy', 'true'); }
    });
  });
  window.addEventListener('pageshow', function (event) {
    if (!event.persisted) { return; }
    each('form[data-sent]', function (form) { delete form.dataset.sent; });
    each('[aria-busy]', function (button) { button.removeAttribute('aria-busy'); });
  });

  // A page that answered a form becomes an address: Back and reload ask for it, where the browser would offer to send the
  // form again.
  history.replaceState(null, '', location.href);

  // What went wrong is read first; the link in it leads to the field and into it.
  var summary = document.getElementById('error-summary');
  if (summary) {
    summary.focus();
    each('#error-summary a', function (link) {
      link.addEventListener('click', function (event) {
        var field = document.getElementById(link.hash.slice(1));
        if (field) { event.preventDefault(); field.focus(); }
      });
    });
  }
})();
