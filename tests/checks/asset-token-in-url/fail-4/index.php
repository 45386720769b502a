<?php
// '/assets/1?access_token=' . $token
$file = file_get_contents($directusUrl . '/assets/' . $id . '?access_token=' . $token);
